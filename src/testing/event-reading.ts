import { createEventStreamParser, type StreamEvent } from '../terminal/event-stream.ts';

/** Server-Sent Events as a client reads them; `events` grows while the stream is open. */
export type EventReading = {
  readonly events: StreamEvent[];
  /** The HTTP status, once the answer begins. */
  readonly status: Promise<number>;
  stop(): Promise<void>;
};

const eventCharsMax = 1_000_000;

export function readEvents(url: string, headers: Readonly<Record<string, string>>): EventReading {
  const leaving = new AbortController();
  const events: StreamEvent[] = [];
  const answer = fetch(url, { headers, signal: leaving.signal });
  const reading = (async () => {
    const parser = createEventStreamParser({ eventCharsMax });
    for await (const bytes of (await answer).body ?? []) events.push(...parser.push(bytes));
  })().catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  return {
    events,
    status: answer.then((response) => response.status),
    async stop() {
      leaving.abort();
      await reading;
    },
  };
}
