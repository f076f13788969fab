import type { Random } from '../base/random.ts';
import { type Cloud, callCloud, readProblemCode, withDeadline } from './cloud-call.ts';
import { createEventStreamParser, type StreamEvent } from './event-stream.ts';
import { readFeedEvent } from './feed-event.ts';
import type { Journal } from './journal.ts';
import { cursorRefusals, lastEventPermitHeader } from './terminal.message.ts';
import { type Deadline, pause, type RetryLimits, retryDelayMs, sayError } from './retry.ts';
import type { TerminalLog } from './terminal-log.ts';

/** No slip comes near this; what passes it is no feed of ours. */
const eventCharsMax = 65_536;

export type LinkLimits = {
  readonly retry: RetryLimits;
  /** The cloud sends a comment every 15 s; a line without any byte for this long is taken for dead. */
  readonly silenceMsMax: number;
  /** A connection that stood this long was a good one: the next failure begins again with a short wait. */
  readonly steadyMs: number;
  /** Wait after an answer that no hurry can change: a key that is not enrolled, a wrong clock, a log that is not the one that was read. */
  readonly refusedRetryMs: number;
};

export type LinkOptions = {
  readonly cloud: Cloud;
  readonly journal: Journal;
  readonly random: Random;
  readonly log: TerminalLog;
  readonly limits: LinkLimits;
  /** Called after events were kept in the journal. */
  readonly recorded: () => void;
  /** Called with true when the cloud opened the feed, with false when it ended. */
  readonly connected: (connected: boolean) => void;
  readonly signal: AbortSignal;
};

type ConnectionEnd = { readonly reason: string; readonly refused: 'terminal' | 'cursor' | null };

const refusalWords = {
  terminal: 'the cloud refuses this terminal',
  cursor:
    "the cloud's log is not the one that this terminal has read; it is read from its beginning, and no permit known here is printed again",
} as const;

/**
 * Keeps the feed from the cloud open until `signal` aborts, and every event of it in the journal, in order and without a gap: whatever
 * goes wrong, the next connection begins behind the last event that is durable (`Last-Event-ID`).
 */
export async function followFeed(options: LinkOptions): Promise<void> {
  const { cloud, journal, random, log, limits, signal } = options;
  let failures = 0;
  while (!signal.aborted) {
    const openedAt = cloud.clock();
    const sequenceBefore = journal.lastSequence();
    const end = await readFeed(options);
    options.connected(false);
    if (signal.aborted) return;
    const progressed = journal.lastSequence() > sequenceBefore || cloud.clock() - openedAt >= limits.steadyMs;
    failures = progressed ? 1 : failures + 1;
    const waitMs = end.refused !== null ? limits.refusedRetryMs : retryDelayMs(failures, limits.retry, random);
    const words = { reason: end.reason, failures, waitMs, terminalId: cloud.key.terminalId };
    if (end.refused !== null) log.error(words, refusalWords[end.refused]);
    else log.warn(words, 'no link to the cloud');
    await pause(waitMs, signal);
  }
}

/** One connection, from the request to its end, with the end's reason. */
async function readFeed(options: LinkOptions): Promise<ConnectionEnd> {
  try {
    return await withDeadline(options.limits.silenceMsMax, options.signal, async (deadline) => {
      const request = { method: 'GET', path: 'v1/terminal/feed', headers: feedHeaders(options.journal) } as const;
      const response = await callCloud(options.cloud, request, deadline);
      const refusal = await readRefusal(response);
      if (refusal?.refused === 'cursor') options.journal.restartFeed();
      if (refusal !== null) return refusal;
      options.connected(true);
      options.log.info({ lastSequence: options.journal.lastSequence() }, 'linked to the cloud');
      return { reason: await readEvents(response, deadline, options), refused: null };
    });
  } catch (error) {
    return { reason: sayError(error), refused: null };
  }
}

function feedHeaders(journal: Journal): Record<string, string> {
  const permitId = journal.lastPermitId();
  return {
    accept: 'text/event-stream',
    'last-event-id': String(journal.lastSequence()),
    ...(permitId === null ? {} : { [lastEventPermitHeader]: permitId }),
  };
}

async function readRefusal(response: Response): Promise<ConnectionEnd | null> {
  if (response.status === 401 || response.status === 403) {
    return { reason: (await readProblemCode(response)) ?? `answer ${response.status}`, refused: 'terminal' };
  }
  if (response.status === 409) {
    const code = await readProblemCode(response);
    const ofCursor = cursorRefusals.some((name) => name === code);
    return { reason: code ?? 'answer 409', refused: ofCursor ? 'cursor' : null };
  }
  const type = response.headers.get('content-type') ?? 'no type';
  if (response.status === 200 && type.startsWith('text/event-stream')) return null;
  await response.body?.cancel();
  return { reason: `answer ${response.status} (${type}) is no feed`, refused: null };
}

async function readEvents(response: Response, deadline: Deadline, options: LinkOptions): Promise<string> {
  const parser = createEventStreamParser({ eventCharsMax });
  for await (const bytes of response.body ?? []) {
    deadline.extend();
    const events = parser.push(bytes);
    const fault = events.length === 0 ? null : keepEvents(events, options);
    if (fault !== null) return fault;
  }
  return 'the cloud closed the feed';
}

/** Journals what arrived together in one transaction. Gives the fault that ends the connection, or null. */
function keepEvents(
  streamEvents: readonly StreamEvent[],
  { cloud, journal, log, recorded: tell }: LinkOptions,
): string | null {
  const events = streamEvents.map(readFeedEvent);
  const foreignAt = events.indexOf(null);
  const own = events.filter((event) => event !== null).slice(0, foreignAt === -1 ? undefined : foreignAt);
  const { recorded, gap } = journal.recordEvents(own, cloud.clock());
  for (const { kind, sequence, permitId } of recorded) {
    if (kind === 'unreadable') log.error({ sequence, permitId }, 'an event cannot be read; its permit is not printed');
  }
  if (recorded.length > 0) tell();
  if (gap !== null) return `event ${gap.got} came where ${gap.expected} was due`;
  return foreignAt === -1 ? null : 'the feed holds something that is no event of ours';
}
