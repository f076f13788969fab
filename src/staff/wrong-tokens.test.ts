import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressesRememberedMax, countWrongTokens, wrongTokensMax, wrongTokensWindowMs } from './wrong-tokens.ts';

void describe('wrong tokens', () => {
  it('make an address wait once there were too many, and say so once', () => {
    let now = 1_000_000;
    const wrong = countWrongTokens(() => now);
    const told = Array.from({ length: wrongTokensMax }, () => wrong.count('a'));
    assert.deepEqual(told.indexOf(true), wrongTokensMax - 1);
    assert.equal(wrong.waitMs('a'), wrongTokensWindowMs);
    assert.equal(wrong.count('a'), false);
    assert.equal(wrong.waitMs('b'), 0);
    now += wrongTokensWindowMs - 1;
    assert.equal(wrong.waitMs('a'), 1);
    now += 1;
    assert.equal(wrong.waitMs('a'), 0);
  });

  it('are forgotten when the window is over', () => {
    let now = 0;
    const wrong = countWrongTokens(() => now);
    for (let token = 1; token < wrongTokensMax; token += 1) wrong.count('a');
    now += wrongTokensWindowMs;
    wrong.count('a');
    assert.equal(wrong.waitMs('a'), 0);
  });

  it('of more addresses than are remembered cost the oldest its place, and no memory', () => {
    const wrong = countWrongTokens(() => 0);
    for (let token = 0; token < wrongTokensMax; token += 1) wrong.count('oldest');
    for (let address = 1; address < addressesRememberedMax; address += 1) wrong.count(String(address));
    assert.notEqual(wrong.waitMs('oldest'), 0);
    wrong.count('one more');
    assert.equal(wrong.waitMs('oldest'), 0);
  });
});
