/** One event of a Server-Sent Events stream (WHATWG HTML, 9.2). `id` is the last one that the stream named. */
export type StreamEvent = { readonly id: string; readonly event: string; readonly data: string };

export type EventStreamParser = {
  /**
   * The events that `bytes` complete; pieces may be cut anywhere, also inside a character. Comments, unknown fields and an event that the
   * stream's end leaves unfinished give nothing. Throws `EventTooLarge` where one event passes the limit; the stream is then of no more use.
   */
  push(bytes: Uint8Array): StreamEvent[];
};

export class EventTooLarge extends Error {
  override readonly name = 'EventTooLarge';
}

export function createEventStreamParser(options: { readonly eventCharsMax: number }): EventStreamParser {
  const { eventCharsMax } = options;
  // The decoder also takes away a byte order mark at the beginning.
  const decoder = new TextDecoder();
  let rest = '';
  let endedWithReturn = false;
  let id = '';
  let event = '';
  let data: string[] = [];
  let dataChars = 0;

  function push(bytes: Uint8Array): StreamEvent[] {
    let text = decoder.decode(bytes, { stream: true });
    if (text === '') return [];
    if (endedWithReturn && text.startsWith('\n')) text = text.slice(1);
    endedWithReturn = text === '' ? false : text.endsWith('\r');
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    const events = lines.map(readLine).filter((one) => one !== null);
    if (rest.length + dataChars > eventCharsMax) throw new EventTooLarge(`an event passes ${eventCharsMax} characters`);
    return events;
  }

  function readLine(line: string): StreamEvent | null {
    if (line === '') return dispatch();
    const colonAt = line.indexOf(':');
    const name = colonAt === -1 ? line : line.slice(0, colonAt);
    const value = colonAt === -1 ? '' : line.slice(line[colonAt + 1] === ' ' ? colonAt + 2 : colonAt + 1);
    if (name === 'data') {
      data.push(value);
      dataChars += value.length;
      if (dataChars > eventCharsMax) throw new EventTooLarge(`an event passes ${eventCharsMax} characters`);
    } else if (name === 'event') event = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
    return null;
  }

  function dispatch(): StreamEvent | null {
    const complete = data.length === 0 ? null : { id, event: event === '' ? 'message' : event, data: data.join('\n') };
    event = '';
    data = [];
    dataChars = 0;
    return complete;
  }

  return { push };
}
