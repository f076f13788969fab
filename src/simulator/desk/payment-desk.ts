import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type PageSettings, readPageSettings } from '../service/cashier-look.ts';
import { jsonAnswer, sendAnswer, type WireAnswer } from '../service/call-desk.ts';
import type { DeskService } from '../service/desk-service.ts';
import { readText } from '../service/http-body.ts';
import { openDoor } from '../service/simulation.ts';
import { pressButton } from './desk-actions.ts';
import { drawPage, drawSections } from './desk-page.ts';
import { pageScript, pageStyle } from './desk-page.text.ts';
import { sayOutcome } from './desk-words.ts';

export type PaymentDeskOptions = {
  /** In the order in which they are shown. */
  readonly services: readonly DeskService[];
  /** 0 or none: any free one. */
  readonly port?: number;
};

export type PaymentDesk = {
  /** Of the page, with a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
};

/**
 * One page from which a person plays all simulated payment services: `GET /` for people, `GET /sections` for its script, and a `POST` for each
 * button. On the loopback interface, and only for pages of its own: another site's form is refused.
 */
export async function startPaymentDesk({ services, port = 0 }: PaymentDeskOptions): Promise<PaymentDesk> {
  const door = await openDoor(port);
  door.answerWith(async (request, response) => {
    const url = new URL(request.url ?? '/', door.url);
    const answer =
      request.method === 'POST'
        ? await press(services, request, url)
        : look(services, readPageSettings(url, request.headers['accept-language']), request, url);
    send(response, answer);
  });
  return { url: `${door.url}/`, close: () => door.close() };
}

const notFound: WireAnswer = { status: 404, headers: {}, body: '' };

function look(
  services: readonly DeskService[],
  settings: PageSettings,
  request: IncomingMessage,
  url: URL,
): WireAnswer {
  switch (url.pathname) {
    case '/': {
      const said = url.searchParams.get('said');
      const text = said === null ? null : sayOutcome(said, settings.language);
      return textAnswer('text/html', drawPage(services, settings, text));
    }
    case '/page.css':
      return textAnswer('text/css', pageStyle);
    case '/page.js':
      return textAnswer('text/javascript', pageScript);
    case '/sections': {
      const body = JSON.stringify(drawSections(services, settings.language));
      const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
      if (request.headers['if-none-match'] === etag) return { status: 304, headers: { etag }, body: '' };
      return { status: 200, headers: { etag, 'content-type': 'application/json; charset=utf-8' }, body };
    }
    default:
      return notFound;
  }
}

/** A button of the page. The script is told in JSON what came of it, a browser without script is sent back to the page, which says it. */
async function press(services: readonly DeskService[], request: IncomingMessage, url: URL): Promise<WireAnswer> {
  if (!isOwnPage(request)) return { status: 403, headers: {}, body: '' };
  const text = await readText(request);
  const path = readPath(url);
  const outcome = text === null || path === null ? null : pressButton(services, path, new URLSearchParams(text));
  if (outcome === null) return notFound;
  const settings = readPageSettings(url, request.headers['accept-language']);
  if (request.headers.accept === 'application/json')
    return jsonAnswer(200, { ...outcome, text: sayOutcome(outcome.name, settings.language) });
  const back = new URLSearchParams({ lang: settings.language, said: outcome.name });
  return { status: 303, headers: { location: `/?${back.toString()}` }, body: '' };
}

/** Programs send no origin; a browser's is the desk's own, by whichever name of this machine it was opened. */
function isOwnPage({ headers: { origin, host } }: IncomingMessage): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  return from.host === host && ['127.0.0.1', 'localhost'].includes(from.hostname);
}

function readPath(url: URL): readonly string[] | null {
  try {
    return url.pathname.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return null;
  }
}

const textAnswer = (type: string, body: string): WireAnswer => ({
  status: 200,
  headers: { 'content-type': `${type}; charset=utf-8` },
  body,
});

function send(response: ServerResponse, answer: WireAnswer): void {
  const headers = {
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ...answer.headers,
  };
  sendAnswer(response, { ...answer, headers });
}
