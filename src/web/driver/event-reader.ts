export type StreamEvent = { readonly event: string; readonly data: string };

/** A line of a stream is never longer: an order is some 2 KiB. */
const lineLengthMax = 65_536;

/**
 * Reads Server-Sent Events (WHATWG HTML 9.2.6) from text that comes in any pieces. Needed because EventSource cannot send the order's
 * token. Only `event` and `data` matter here; comments are the heartbeat and give nothing.
 */
export function createEventReader(heard: (event: StreamEvent) => void): (text: string) => void {
  let rest = '';
  let event = 'message';
  let data: string[] = [];

  function readLine(line: string): void {
    if (line === '') {
      if (data.length > 0) heard({ event, data: data.join('\n') });
      event = 'message';
      data = [];
      return;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }

  return (text) => {
    // A carriage return at the very end may be half of a pair: it waits for its line feed.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > lineLengthMax)
      throw new Error(`a line of the order's events is longer than ${lineLengthMax} characters`);
    lines.forEach(readLine);
  };
}
