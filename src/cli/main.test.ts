import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runForecourt } from '../testing/command.ts';

const listed = (text: string): readonly string[] =>
  [...text.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}/gm)].map(([, name]) => name ?? '');

test("help for a group lists the group's commands and no other", async () => {
  const groups = { ledger: 3, events: 7, payments: 1, staff: 3, stations: 3, permit: 2, terminals: 1 };
  for (const [group, count] of Object.entries(groups)) {
    const { exitCode, stdout } = await runForecourt([group, '--help']);
    assert.equal(exitCode, 0);
    const names = listed(stdout);
    assert.equal(names.length, count, stdout);
    assert.ok(
      names.every((name) => name.startsWith(`${group} `)),
      stdout,
    );
  }
});

test('a group alone, and a command that it does not have, are wrong use that lists what it has', async () => {
  for (const words of [['ledger'], ['ledger', 'burn'], ['ledger', 'burn', '--help']]) {
    const { exitCode, stdout, stderr } = await runForecourt(words);
    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.ok(stderr.startsWith(`forecourt: no command ${words.join(' ')}\n`));
    assert.deepEqual(listed(stderr), ['ledger balance', 'ledger order', 'ledger export']);
  }
});

test('an option whose default is nothing has no default in its help', async () => {
  const { stdout } = await runForecourt(['staff', 'add', '--help']);
  assert.doesNotMatch(stdout, /\(default \)/);
  assert.match(stdout, /refund, dispense, override\n/);
});
