import { formatMoneyMinor } from '../../base/money.ts';
import type { Random } from '../../base/random.ts';
import type { Permit } from '../../permit/permit.ts';
import type { Attempt } from '../../payment/attempt.ts';
import type { Books } from '../books.ts';
import type { Message, PaymentService, ServiceId } from './service/payment-service.ts';
import type { Rows } from './steps/rows.ts';
import type { Rules } from './rules.ts';
import type { Step } from './steps/step.ts';

/** Everything that one run plays on: our nodes on one set of rows, the payment services, the line between, and the clock. */
export type House = {
  now: number;
  readonly circumstances: Circumstances;
  readonly rules: Rules;
  readonly rows: Rows;
  readonly services: readonly PaymentService[];
  /** How the line to each service is just now. */
  readonly weather: Record<ServiceId, Weather>;
  readonly told: Message[];
  /** Requests that we have given up, and that will arrive all the same. */
  readonly late: LateRequest[];
  readonly nodes: readonly [Node, Node];
  /** What was begun and has not gone on. */
  readonly paused: Work[];
  readonly issue: (books: Books, attempt: Attempt) => Permit;
  readonly random: Random;
  /** What happened so far, in words, oldest first. */
  readonly story: string[];
  /** Looks after each change whether the invariants hold; throws a `Broken`. */
  readonly check: (before: Books) => void;
  /** What the run came to: names of judgements and states. */
  readonly reached: Set<string>;
  /** How much of each attempt's money the services have told us to be back, at most. */
  readonly toldBackMinor: Map<string, number>;
  /** Counts what people ask for, so that no two requests bear one key. */
  requests: number;
};

/** What is so from the beginning of a run to its end. */
export type Circumstances = {
  /** The order's money was given, or its volume, at a price for members. */
  readonly byVolume: boolean;
  /** Within so long the station promises the slip, or null. */
  readonly promiseMs: number | null;
  /** The service is asked once more before its signed word is believed. */
  readonly confirms: boolean;
};

/**
 * `unreachable`: refused before a byte is sent. `requests lost`, `answers lost`: silence, and only the truth knows which. `requests late`: silence, and
 * the request arrives all the same, minutes later. `busy`: too many requests. `refuses`: it declines to be paid through.
 */
export type Weather = 'fine' | 'unreachable' | 'requests lost' | 'requests late' | 'answers lost' | 'busy' | 'refuses';

export type LateRequest = {
  readonly service: PaymentService;
  readonly operation: string;
  readonly sentAt: number;
  readonly arrive: () => void;
};

export type Node = {
  readonly number: number;
  /** Attempts whose create is under way on this node: a second request waits for the answer to the first. */
  readonly creating: Set<string>;
};

/** A request, a notification or a janitor's round, somewhere on its way through a node. */
export type Work = { readonly title: string; readonly node: Node; readonly step: Step<unknown> };

export const serviceOf = (house: House, id: string): PaymentService => {
  const service = house.services.find(({ account }) => account.id === id);
  if (service === undefined) throw new Error(`there is no service ${id}`);
  return service;
};

export const say = (house: House, words: string): void => {
  house.story.push(words);
};

export const money = (minor: number, currency = 'CNY'): string => `${formatMoneyMinor(minor, currency)} ${currency}`;
