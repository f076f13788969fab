import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { jsonAnswer, sendAnswer } from './call-desk.ts';
import type { Fault, Faults, FaultWish, FaultWords } from './faults.ts';
import { readText } from './http-body.ts';
import type { Notice } from './notice.ts';
import type { Outbox } from './notifier.ts';
import { oneOf } from './one-of.ts';
import type { Simulation } from './simulation.ts';
import type { TrafficLine } from './traffic.ts';

const listedMax = 1000;
const timeScaleMax = 1_000_000;

/** The powers of whoever runs a simulator that are the same for every service; a service's `Control` adds its payments, refunds and keys. */
export type CommonControl<Words extends FaultWords> = {
  addFault(wish: FaultWish<Words>): void;
  faults(): readonly Fault<Words>[];
  clearFaults(): void;
  notifications(): readonly Notice[];
  /** Sends one notification once more, whatever has become of it. False for one that is not known. */
  resend(noticeId: string): boolean;
  /** Resolves when no notification is being sent at this moment. */
  settled(): Promise<void>;
  setTimeScale(timeScale: number): void;
  traffic(): readonly TrafficLine[];
};

export function commonControl<Words extends FaultWords>(
  simulation: Simulation,
  faults: Faults<Words>,
  notifier: Outbox,
): CommonControl<Words> {
  return {
    addFault: (wish) => faults.add(wish),
    faults: () => faults.list(),
    clearFaults: () => faults.clear(),
    notifications: () => notifier.list(),
    resend: (noticeId) => notifier.resend(noticeId),
    settled: () => notifier.settled(),
    setTimeScale: (timeScale) => simulation.setTimeScale(timeScale),
    traffic: () => simulation.traffic.list(),
  };
}

export type ControlReply = { readonly status: number; readonly body: unknown };
export const ok = (body: unknown): ControlReply => ({ status: 200, body });
export const done = ok({ done: true });
export const no = (status: number, code: string): ControlReply => ({ status, body: { code } });

/**
 * A service's powers as the HTTP control uses them. Whatever takes a `body` parses it with zod: a `ZodError` becomes 422 with zod's account of it.
 */
export type ControlPowers<Ending extends string> = {
  /** Of the service's own `Control`. */
  readonly common: Omit<CommonControl<FaultWords>, 'addFault' | 'settled'>;
  addFault(body: unknown): void;
  credentials(): unknown;
  rotateKeys(): Promise<unknown>;
  /** Newest last. */
  payments(): readonly unknown[];
  /** Undefined where there is none. */
  payment(ref: string): unknown;
  pay(ref: string, body: unknown): ControlReply;
  decline(ref: string): boolean;
  refunds(): readonly unknown[];
  /** The service's own words for the ends of a refund. */
  readonly refundEndings: readonly Ending[];
  endRefund(ref: string, ending: Ending): boolean;
  endNextRefunds(ending: Ending, times: number): void;
  /** What only this service has, by method and path: `POST probes`. */
  readonly own?: Readonly<Record<string, (body: unknown, key: string) => ControlReply | Promise<ControlReply>>>;
};

/** Answers one request under `/_control/`. */
export async function serveControl<Ending extends string>(
  powers: ControlPowers<Ending>,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const text = await readText(request);
  const reply = text === null ? no(413, 'body_too_large') : await tryToObey(powers, request, url, text);
  sendAnswer(response, jsonAnswer(reply.status, reply.body));
}

async function tryToObey<Ending extends string>(
  powers: ControlPowers<Ending>,
  request: IncomingMessage,
  url: URL,
  text: string,
): Promise<ControlReply> {
  try {
    const [, , ...path] = url.pathname.split('/').map(decodeURIComponent);
    return await obey(powers, request.method ?? 'GET', path, text === '' ? {} : JSON.parse(text));
  } catch (error) {
    if (error instanceof z.ZodError) return { status: 422, body: { code: 'malformed_body', detail: error.issues } };
    if (error instanceof SyntaxError || error instanceof URIError)
      return { status: 422, body: { code: 'malformed_body', detail: error.message } };
    throw error;
  }
}

const timesMessage = z.object({ times: z.int().min(1).max(listedMax).default(1) });
const timeMessage = z.object({ timeScale: z.number().positive().max(timeScaleMax) });

async function obey<Ending extends string>(
  powers: ControlPowers<Ending>,
  method: string,
  [noun = '', key = '', verb]: readonly string[],
  body: unknown,
): Promise<ControlReply> {
  const { common } = powers;
  const endMessage = z.object({ ending: oneOf(powers.refundEndings) });
  const route = `${method} ${noun}${key === '' ? '' : '/:key'}${verb === undefined ? '' : `/${verb}`}`;
  switch (route) {
    case 'GET credentials':
      return ok(powers.credentials());
    case 'POST keys':
      return ok(await powers.rotateKeys());
    case 'GET payments':
      return ok(powers.payments().slice(-listedMax));
    case 'GET payments/:key': {
      const payment = powers.payment(key);
      return payment === undefined ? no(404, 'payment_unknown') : ok(payment);
    }
    case 'POST payments/:key/pay':
      return powers.pay(key, body);
    case 'POST payments/:key/decline':
      return powers.decline(key) ? done : no(409, 'not_open');
    case 'GET refunds':
      return ok(powers.refunds().slice(-listedMax));
    case 'POST refunds/:key/end':
      return powers.endRefund(key, endMessage.parse(body).ending) ? done : no(409, 'not_open');
    case 'POST refund-endings':
      powers.endNextRefunds(endMessage.parse(body).ending, timesMessage.parse(body).times);
      return done;
    case 'GET faults':
      return ok(common.faults());
    case 'POST faults':
      powers.addFault(body);
      return done;
    case 'DELETE faults':
      common.clearFaults();
      return done;
    case 'GET notifications':
      return ok(common.notifications().slice(-listedMax));
    case 'POST notifications/:key/resend':
      return common.resend(key) ? done : no(404, 'notification_unknown');
    case 'PUT time':
      common.setTimeScale(timeMessage.parse(body).timeScale);
      return done;
    case 'GET traffic':
      return ok(common.traffic());
    default:
      return powers.own?.[route]?.(body, key) ?? no(404, 'not_found');
  }
}
