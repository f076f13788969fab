import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, parseWords } from './command.ts';

const command: Command = {
  name: 'try',
  summary: '',
  usage: '',
  options: {
    lon: { type: 'string', help: '' },
    key: { type: 'string', help: '' },
    json: { type: 'boolean', help: '' },
  },
  examples: [],
  exitCodes: {},
  run: async () => 0,
};

test('a value that begins with a hyphen is a value, as longitudes and keys are', () => {
  const { values, positionals } = parseWords(command, ['--lon', '-122.4', '--key', '-x_Y', '--json', 'FILE']);
  assert.deepEqual([{ ...values }, positionals], [{ lon: '-122.4', key: '-x_Y', json: true }, ['FILE']]);
});

test('an option in the place of a value is wrong use, and so is an unknown one', () => {
  assert.throws(() => parseWords(command, ['--lon', '--json']));
  assert.throws(() => parseWords(command, ['--lon=1', '--nothing']));
  assert.throws(() => parseWords(command, ['--lon']));
});
