import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRefusalName } from '../../base/problem.ts';
import { unitWords } from '../unit-words.ts';
import { chooseLanguage, fillIn, languages, type Words, words } from '../words.ts';
import { buyingWords } from './buying-words.ts';
import { findWords } from './find-words.ts';
import { formWords } from './form-words.ts';
import { isNearbyWord, nearbyWords } from './nearby-words.ts';
import { orderWords } from './order-words.ts';
import { reckoningWords } from './reckoning-words.ts';
import { refundWords } from './refund-words.ts';

const catalogue: Readonly<Record<string, Words>> = {
  words,
  unitWords,
  buyingWords,
  findWords,
  nearbyWords,
  formWords,
  reckoningWords,
  orderWords,
  refundWords,
};
const entries = Object.values(catalogue).flatMap((part) => Object.entries(part));
const blanksOf = (text: string) => new Set(text.match(/\{\w+\}/g));

void describe('the pages speak', () => {
  it('both languages in every entry, with the same blanks to fill in', () => {
    for (const [name, entry] of entries) {
      for (const language of languages) assert.ok(entry[language].trim().length > 0, `${name} in ${language}`);
      assert.deepEqual(blanksOf(entry['zh-CN']), blanksOf(entry.en), name);
    }
  });

  it('Chinese in the Chinese texts, and none in the English ones but for the name of the language', () => {
    const han = /\p{Script=Han}/u;
    const plain = new Set(['other_language']);
    for (const [name, entry] of entries.filter(([name]) => !plain.has(name))) {
      assert.ok(han.test(entry['zh-CN'].replace(/\{\w+\}/g, '')), `${name} is not translated: ${entry['zh-CN']}`);
      assert.ok(!han.test(entry.en), `${name} is not translated: ${entry.en}`);
    }
  });

  it('one text for one name, whichever step says it', () => {
    const seen = new Map<string, object>();
    for (const [name, entry] of entries) {
      assert.ok((seen.get(name) ?? entry) === entry, `${name} has two texts`);
      seen.set(name, entry);
    }
  });

  it('of every reason for which the cloud selects no station, by the name that the refusal has', () => {
    for (const reason of ['station_ambiguous', 'position_too_vague', 'moving_too_fast', 'no_station_in_range']) {
      assert.ok(isRefusalName(reason) && isNearbyWord(reason), reason);
    }
  });

  it('never with an empty blank', () => {
    assert.equal(fillIn(formWords.pay_amount.en, { amount: '¥1.00' }), 'Pay ¥1.00');
    assert.throws(() => fillIn(formWords.pay_amount.en), /needs a value for amount/);
  });

  it('the first language of the phone that they know', () => {
    assert.equal(chooseLanguage(['zh-TW', 'en']), 'zh-CN');
    assert.equal(chooseLanguage(['fr-FR', 'en-GB', 'zh-CN']), 'en');
    assert.equal(chooseLanguage(['fr-FR']), 'en');
    assert.equal(chooseLanguage([]), 'en');
  });
});
