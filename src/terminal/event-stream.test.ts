import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createEventStreamParser, EventTooLarge, type StreamEvent } from './event-stream.ts';

const parse = (...pieces: (string | Uint8Array)[]): StreamEvent[] => {
  const parser = createEventStreamParser({ eventCharsMax: 1_000 });
  return pieces.flatMap((piece) => parser.push(typeof piece === 'string' ? Buffer.from(piece) : piece));
};

const event = (id: string, data: string, name = 'message'): StreamEvent => ({ id, event: name, data });

test('an event is given when its blank line has come, and not before', () => {
  const parser = createEventStreamParser({ eventCharsMax: 1_000 });
  assert.deepEqual(parser.push(Buffer.from('id: 7\ndata: a')), []);
  assert.deepEqual(parser.push(Buffer.from('b\n')), []);
  assert.deepEqual(parser.push(Buffer.from('\n')), [event('7', 'ab')]);
});

test('fields are read as the standard says', () => {
  assert.deepEqual(parse('data: one\ndata:two\ndata:  three\n\n'), [event('', 'one\ntwo\n three')]);
  assert.deepEqual(parse('event: permit\nid:1\ndata\n\ndata: x\n\n'), [event('1', '', 'permit'), event('1', 'x')]);
  assert.deepEqual(parse('id: 1\0\ndata: x\n\n'), [event('', 'x')]);
  assert.deepEqual(parse('\ufeffdata: x\n\n'), [event('', 'x')]);
});

test('heartbeats, unknown fields and an event without data give nothing', () => {
  assert.deepEqual(parse(':\n\n: hello\n\nretry: 10\nfoo: bar\ngarbage\n\nid: 4\n\n'), []);
});

test('an event that the end leaves unfinished is not given', () => {
  assert.deepEqual(parse('data: whole\n\ndata: half\n'), [event('', 'whole')]);
});

test('however the bytes are cut and the lines end, the same events come', () => {
  const line = fc.constantFrom('\n', '\r\n', '\r');
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[中文a-z{}":é]{0,12}$/), { maxLength: 6 }),
      line,
      fc.array(fc.nat({ max: 12 })),
      (texts, end, cuts) => {
        const bytes = Buffer.from(
          texts.map((text, index) => `id: ${index}${end}data: ${text}${end}:${end}${end}`).join(''),
        );
        const pieces: Uint8Array[] = [];
        let from = 0;
        for (const length of cuts) {
          pieces.push(bytes.subarray(from, from + length));
          from += length;
        }
        assert.deepEqual(
          parse(...pieces, bytes.subarray(from)),
          texts.map((text, index) => event(String(index), text)),
        );
      },
    ),
  );
});

test('an event above the limit ends the stream, in one line, in many, or without any end', () => {
  assert.throws(() => parse(`data: ${'x'.repeat(2_000)}\n\n`), EventTooLarge);
  assert.throws(() => parse('data: 1234567890\n'.repeat(101)), EventTooLarge);
  assert.throws(() => parse(...Array.from({ length: 11 }, () => 'x'.repeat(100))), EventTooLarge);
});
