import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hourMs, minuteMs } from '../../base/clock.ts';
import { type CallDesk, jsonAnswer, type WireAnswer } from '../service/call-desk.ts';
import { readPageSettings, readReturnUrl, type Words } from '../service/cashier-look.ts';
import { randomHex } from '../service/random-text.ts';
import type { Simulation } from '../service/simulation.ts';
import { look } from './cashier-page.ts';
import type { Credentials } from './credentials.ts';
import type { WechatPayFaults, WechatPayWords } from './faults.ts';

const codeLivesMs = 5 * minuteMs;
const accessTokenLivesMs = 2 * hourMs;
/** Beyond so many the oldest codes are forgotten. */
const codesMax = 10_000;
const statePattern = /^[a-zA-Z0-9]{0,128}$/;
/** The real page compares the address with a pattern, so that another order of the same parameters is refused. */
const parameterOrder = ['appid', 'redirect_uri', 'response_type', 'scope', 'state'];
const scopes = ['snsapi_base', 'snsapi_userinfo'];
const payerCookie = 'simulated_payer';

const refusals = {
  appid: { zh: 'appid 参数错误：不是本模拟器的公众号', en: 'appid: not the account of this simulator' },
  redirect_uri: { zh: 'redirect_uri 参数错误', en: 'redirect_uri: not a web address' },
  response_type: { zh: 'response_type 参数错误，应为 code', en: 'response_type: must be code' },
  scope: { zh: 'scope 参数错误或没有权限', en: 'scope: unknown, or not permitted' },
  state: { zh: 'state 参数错误', en: 'state: at most 128 letters and digits' },
  order: { zh: '授权链接的参数顺序不正确', en: 'the parameters are not in their order' },
} as const satisfies Record<string, Words>;

export type SignInSettings = {
  readonly simulation: Simulation;
  readonly credentials: Credentials;
  readonly faults: WechatPayFaults;
  readonly origin: string;
};

export type SignIn = {
  /** `GET /connect/oauth2/authorize`: where WeChat tells the merchant's page who is looking at it. */
  authorize(request: IncomingMessage, response: ServerResponse, url: URL): void;
  /** `GET /sns/oauth2/access_token`: where the merchant's server reads what the code says. */
  readonly api: CallDesk<WechatPayWords>;
};

type Code = { readonly openid: string; readonly scope: string; readonly diesMs: number; readonly used: boolean };

/**
 * WeChat's web authorisation, without the question to the payer that `snsapi_userinfo` would bring. One browser is one payer, who has the same
 * openid each time.
 */
export function openSignIn({ simulation, credentials, faults, origin }: SignInSettings): SignIn {
  const { timeline, random, traffic } = simulation;
  const codes = new Map<string, Code>();

  function issueCode(payer: string, scope: string): string {
    const code = randomHex(random, 16);
    codes.set(code, {
      openid: openIdOf(credentials.appId, payer),
      scope,
      diesMs: timeline.now() + codeLivesMs,
      used: false,
    });
    const [oldest = ''] = codes.keys();
    if (codes.size > codesMax) codes.delete(oldest);
    return code;
  }

  /** The refusals in the order of checking. All come with status 200, as everything does there. */
  function exchange(search: URLSearchParams): WireAnswer {
    const refuse = (errcode: number, text: string): WireAnswer =>
      answer({
        errcode,
        errmsg: `${text}, rid: ${randomHex(random, 4)}-${randomHex(random, 4)}-${randomHex(random, 4)}`,
      });
    if (search.get('appid') !== credentials.appId) return refuse(40013, 'invalid appid');
    if (search.get('secret') !== credentials.appSecret) return refuse(40125, 'invalid appsecret');
    if (search.get('grant_type') !== 'authorization_code') return refuse(40002, 'invalid grant_type');
    const text = search.get('code') ?? '';
    if (text === '') return refuse(41008, 'missing code');
    const code = codes.get(text);
    if (code === undefined || code.diesMs < timeline.now()) return refuse(40029, 'invalid code');
    if (code.used) return refuse(40163, 'code been used');
    codes.set(text, { ...code, used: true });
    return answer({
      access_token: randomHex(random, 40),
      expires_in: accessTokenLivesMs / 1000,
      refresh_token: randomHex(random, 40),
      openid: code.openid,
      scope: code.scope,
    });
  }

  return {
    authorize(request, response, url) {
      const wrong = whatIsWrong(url.searchParams, credentials.appId);
      const returnUrl = readReturnUrl(url.searchParams.get('redirect_uri'));
      if (wrong !== null || returnUrl === null) {
        const page = readPageSettings(url, request.headers['accept-language']);
        const text = refusals[wrong ?? 'redirect_uri'][page.language];
        const card = `<section class="card"><p class="ending" role="alert">${text}</p></section>`;
        return look.show(response, 400, look.page(page, card), null);
      }
      const payer = payerOf(request) ?? randomHex(random, 8);
      const back = new URL(returnUrl);
      back.searchParams.set('code', issueCode(payer, url.searchParams.get('scope') ?? ''));
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      const cookie = `${payerCookie}=${payer}; Path=/connect/; HttpOnly; SameSite=Lax`;
      response.writeHead(302, { location: back.href, 'set-cookie': cookie, 'cache-control': 'no-store' }).end();
    },
    api: {
      faults,
      traffic,
      timeline,
      origin,
      find: ({ method, url }) =>
        method === 'GET' && url.pathname === '/sns/oauth2/access_token'
          ? { operation: 'signIn', answer: () => exchange(url.searchParams) }
          : null,
      notFound: jsonAnswer(404, undefined),
      rateLimited: answer({ errcode: 45011, errmsg: 'api minute-quota reach limit, must slower, retry next minute' }),
      serverError: answer({ errcode: -1, errmsg: 'system error' }),
    },
  };
}

/** JSON under the name of plain text, as the real service sends it. */
const answer = (body: object): WireAnswer => ({
  status: 200,
  headers: { 'content-type': 'text/plain' },
  body: JSON.stringify(body),
});

function whatIsWrong(search: URLSearchParams, appId: string): keyof typeof refusals | null {
  if (search.get('appid') !== appId) return 'appid';
  if (readReturnUrl(search.get('redirect_uri')) === null) return 'redirect_uri';
  if (search.get('response_type') !== 'code') return 'response_type';
  if (!scopes.includes(search.get('scope') ?? '')) return 'scope';
  if (!statePattern.test(search.get('state') ?? '')) return 'state';
  const places = [...search.keys()]
    .filter((name) => parameterOrder.includes(name))
    .map((name) => parameterOrder.indexOf(name));
  return places.every((place, index) => index === 0 || place > (places[index - 1] ?? 0)) ? null : 'order';
}

const payerOf = (request: IncomingMessage): string | null =>
  new RegExp(`(?:^|;\\s*)${payerCookie}=([0-9a-f]{16})(?:;|$)`).exec(request.headers.cookie ?? '')?.[1] ?? null;

/** 28 characters that begin with an o: another one for each official account, as in reality. */
const openIdOf = (appId: string, payer: string): string =>
  `o${createHash('sha256').update(`${appId} ${payer}`).digest('base64url').slice(0, 27)}`;
