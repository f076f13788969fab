import { z } from 'zod';
import { type Fetch, fetchAnswer } from '../fetch-answer.ts';
import { type CallOptions, type PayerSignIn, ProviderError, type ProviderErrorKind } from '../provider.ts';
import { readServiceUrl } from '../service-url.ts';
import { service } from './refusal.ts';

export type SignInSettings = {
  readonly appId: string;
  readonly appSecret: string;
  /** `https://open.weixin.qq.com` */
  readonly pageUrl: string;
  /** `https://api.weixin.qq.com` */
  readonly apiUrl: string;
  readonly fetch: Fetch;
};

const answerBody = z.union([
  z.object({ openid: z.string().regex(/^[\w-]{1,128}$/) }),
  z.object({ errcode: z.int(), errmsg: z.string().default('') }),
]);

/** The code is wrong, was used, or is too old: the payer has to be sent again. */
const wrongCodes = [40029, 40163, 41008, 42003];
/** Busy, and asked too often; every other code says that our appid or secret is wrong, or that we may not ask. */
const kindByCode = new Map<number, ProviderErrorKind>([
  [-1, 'unknown'],
  [45011, 'rate_limited'],
]);
const answerBytesMax = 64 * 1024;

/**
 * WeChat's web authorisation with the scope `snsapi_base`, which asks the payer nothing and tells his openid and no more. The access token that
 * comes with it is thrown away.
 */
export function createSignIn(settings: SignInSettings): PayerSignIn {
  const { appId, appSecret } = settings;
  const page = readServiceUrl({ name: 'signInUrl', text: settings.pageUrl, example: 'https://open.weixin.qq.com' });
  const api = readServiceUrl({ name: 'signInApiUrl', text: settings.apiUrl, example: 'https://api.weixin.qq.com' });
  return {
    url(returnUrl, state) {
      const query = new URLSearchParams({
        appid: appId,
        redirect_uri: returnUrl,
        response_type: 'code',
        scope: 'snsapi_base',
        state,
      });
      return `${page.origin}/connect/oauth2/authorize?${query.toString()}#wechat_redirect`;
    },
    async openIdOf(code, options) {
      const query = new URLSearchParams({ appid: appId, secret: appSecret, code, grant_type: 'authorization_code' });
      const body = await ask(settings, `${api.origin}/sns/oauth2/access_token?${query.toString()}`, options);
      if (body === null) throw new ProviderError('unknown', 'signIn', "WeChat's answer to a sign-in cannot be read");
      if ('openid' in body) return body.openid;
      if (wrongCodes.includes(body.errcode)) return null;
      throw new ProviderError(
        kindByCode.get(body.errcode) ?? 'auth',
        'signIn',
        `WeChat refused a sign-in with ${body.errcode}: ${body.errmsg}`,
        {
          providerCode: String(body.errcode),
        },
      );
    },
  };
}

async function ask(
  settings: SignInSettings,
  url: string,
  options: CallOptions,
): Promise<z.infer<typeof answerBody> | null> {
  const call = {
    service,
    operation: 'signIn',
    url,
    method: 'GET',
    headers: { accept: 'application/json' },
    body: '',
    bytesMax: answerBytesMax,
  } as const;
  const { body } = await fetchAnswer(settings.fetch, call, options);
  return readAnswer(body.toString());
}

function readAnswer(text: string): z.infer<typeof answerBody> | null {
  try {
    return answerBody.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
