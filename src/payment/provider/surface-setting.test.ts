import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSurfaces, wordsOf } from './surface-setting.ts';

const all = ['wechat.jsapi', 'wechat.h5', 'wechat.native'] as const;

test('an operator names the surfaces that he has signed, in any order, with commas or blanks', () => {
  assert.equal(wordsOf(all), 'jsapi,h5,native');
  assert.deepEqual(readSurfaces(wordsOf(all), all), all);
  assert.deepEqual(readSurfaces(' Native, jsapi\n', all), ['wechat.jsapi', 'wechat.native']);
});

test('a word that is no surface, and no word at all, are mistakes that tell the words there are', () => {
  assert.throws(() => readSurfaces('jsapi,qr,wap', all), /^Error: surfaces must be .* jsapi,h5,native, not qr, wap$/);
  assert.throws(() => readSurfaces('wechat.jsapi', all), /not wechat\.jsapi$/);
  assert.throws(() => readSurfaces(' , ', all), /^Error: surfaces must be one or several of jsapi,h5,native$/);
});
