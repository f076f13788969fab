import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createEventReader, type StreamEvent } from './event-reader.ts';

function readPieces(pieces: readonly string[]): readonly StreamEvent[] {
  const heard: StreamEvent[] = [];
  const read = createEventReader((event) => heard.push(event));
  for (const piece of pieces) read(piece);
  return heard;
}

const stream =
  ': hello\n\nid: 7\nevent: order\ndata: {"a":1}\n\nevent:order\r\ndata:one\r\ndata: two\r\n\r\ndata: last\n\n';
const events = [
  { event: 'order', data: '{"a":1}' },
  { event: 'order', data: 'one\ntwo' },
  { event: 'message', data: 'last' },
];

void describe('an event stream', () => {
  it('gives its events, and nothing for comments', () => assert.deepEqual(readPieces([stream]), events));

  it('gives the same events however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (places) => {
        const cuts = [0, ...places.sort((a, b) => a - b), stream.length];
        const pieces = cuts.slice(1).map((end, index) => stream.slice(cuts[index], end));
        assert.deepEqual(readPieces(pieces), events);
      }),
    );
  });

  it('gives no event that is not finished', () => assert.deepEqual(readPieces(['event: order\ndata: {"a"']), []));

  it('is refused when a line has no end', () => {
    assert.throws(() => readPieces(['data: ', 'x'.repeat(70_000)]), /longer than/);
  });
});
