import type { OrderMessage } from '../../order/order.message.ts';
import type { Answer, Problem } from './cloud.ts';
import { createEventReader } from './event-reader.ts';
import { isOver } from './order-step.ts';

/** `live`: the cloud was heard just now. `lost`: it could not be reached; what is shown may be old. */
export type Link = 'live' | 'lost';

export type Following = {
  readonly readOrder: () => Promise<Answer<OrderMessage>>;
  /** Opens the order's Server-Sent Events. */
  readonly openEvents: (signal: AbortSignal) => Promise<Response>;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onOrder: (order: OrderMessage) => void;
  readonly onLink: (link: Link) => void;
  readonly signal: AbortSignal;
};

export const pollMs = 3_000;
export const retryMsMax = 15_000;
/** A stream without a byte for so long is taken for dead, or for held back by a proxy. */
export const silenceMaxMs = 20_000;
/** After so many streams that gave nothing, only polling is left. */
export const deadStreamsMax = 2;

/**
 * Tells every change of an order until it is over or `signal` ends it: by the cloud's stream, which is opened again when it breaks, and by
 * reading the order itself at each opening (a change may fall between) and where no stream comes through. Gives the problem that forbids
 * to go on, or null.
 */
export async function followOrder(following: Following): Promise<Problem | null> {
  const { signal, wait, readOrder, onOrder, onLink } = following;
  let deadStreams = 0;
  let failures = 0;
  while (!signal.aborted) {
    const stream = deadStreams < deadStreamsMax ? await openStream(following) : null;
    let heard = 0;
    let over = false;
    const tell = (order: OrderMessage) => {
      heard += 1;
      over = isOver(order);
      failures = 0;
      onLink('live');
      onOrder(order);
      if (over) stream?.close();
    };
    const streaming = stream?.read(tell);
    const answer = await readOrder();
    if (signal.aborted) break;
    if (answer.kind === 'refused' && answer.problem.status < 500 && answer.problem.status !== 429) {
      stream?.close();
      await streaming;
      return answer.problem;
    }
    // What the stream told in the meantime is newer than this answer may be.
    if (answer.kind === 'answered' && heard === 0) tell(answer.body);
    if (answer.kind !== 'answered') {
      failures += 1;
      onLink('lost');
    }
    const bytes = (await streaming) ?? 0;
    if (stream !== null) deadStreams = bytes > 0 ? 0 : deadStreams + 1;
    if (over || signal.aborted) break;
    await wait(Math.min(retryMsMax, pollMs * 2 ** Math.min(failures, 4)), signal);
  }
  return null;
}

type Stream = {
  /** Resolves, with the number of characters heard, when the stream ends for whatever reason. */
  read(tell: (order: OrderMessage) => void): Promise<number>;
  close(): void;
};

/** The stream where the browser and the way to the cloud give one, else null. */
async function openStream({ openEvents, signal }: Following): Promise<Stream | null> {
  const closing = new AbortController();
  const close = () => closing.abort();
  signal.addEventListener('abort', close);
  const patience = setTimeout(close, silenceMaxMs);
  try {
    const response = await openEvents(closing.signal);
    const reader = response.body?.getReader();
    if (!response.ok || reader === undefined) {
      close();
      return null;
    }
    return { close, read: (tell) => readStream(reader, close, tell) };
  } catch {
    return null;
  } finally {
    clearTimeout(patience);
  }
}

async function readStream(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  close: () => void,
  tell: (order: OrderMessage) => void,
): Promise<number> {
  const decoder = new TextDecoder();
  const read = createEventReader(({ event, data }) => {
    // The cloud checks its messages before it sends them (see cloud.ts).
    if (event === 'order') tell(JSON.parse(data) as OrderMessage);
  });
  let characters = 0;
  for (;;) {
    const silence = setTimeout(close, silenceMaxMs);
    try {
      const { done, value } = await reader.read();
      if (done) return characters;
      const text = decoder.decode(value, { stream: true });
      characters += text.length;
      read(text);
    } catch {
      close();
      return characters;
    } finally {
      clearTimeout(silence);
    }
  }
}
