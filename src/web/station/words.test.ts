import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { languages } from '../words.ts';
import { deedWords } from './deed-words.ts';
import { staffWords } from './staff-words.ts';

const entries = [...Object.entries(staffWords), ...Object.entries(deedWords)];
const blanksOf = (text: string) => new Set(text.match(/\{\w+\}/g));
/** Names of languages, and texts that are nothing but what is filled in. */
const plain = new Set(['other_language', 'ordered_by', 'fact_line', 'why_and_note']);

void describe("the staff's page speaks", () => {
  it('both languages in every entry, with the same blanks to fill in', () => {
    for (const [name, entry] of entries) {
      for (const language of languages) assert.ok(entry[language].trim().length > 0, `${name} in ${language}`);
      assert.deepEqual(blanksOf(entry['zh-CN']), blanksOf(entry.en), name);
    }
  });

  it('Chinese in the Chinese texts, and none in the English ones but for the name of the language', () => {
    const han = /\p{Script=Han}/u;
    for (const [name, entry] of entries.filter(([name]) => !plain.has(name))) {
      assert.ok(han.test(entry['zh-CN'].replace(/\{\w+\}/g, '')), `${name} is not translated: ${entry['zh-CN']}`);
      assert.ok(!han.test(entry.en), `${name} is not translated: ${entry.en}`);
    }
  });

  it('one text for one name', () => {
    const names = entries.map(([name]) => name);
    assert.equal(new Set(names).size, names.length);
  });

  it('of everything that the cloud may name', () => {
    const names = new Set<string>(entries.map(([name]) => name));
    const reasons = [
      'second_payment',
      'late_payment',
      'overpayment',
      'integrity',
      'staff',
      'undelivered',
      'less_dispensed',
      'elsewhere',
    ];
    const judgements = [
      'paid',
      'known',
      'recorded',
      'second_payment',
      'late_payment',
      'overpayment',
      'integrity',
      'refunded_elsewhere',
      'refund_recorded',
      'contradicted',
      'attempt_unknown',
    ];
    const said = ['not_found', 'pending', 'paid', 'closed', 'refunded', 'processing', 'succeeded', 'abnormal'];
    const wanted = [
      ...reasons.map((reason) => `reason_${reason}`),
      ...judgements.map((judgement) => `judged_${judgement}`),
      ...said.map((state) => `said_${state}`),
      ...['notification', 'query', 'bill', 'refund'].map((source) => `source_${source}`),
      ...['refund', 'dispense', 'refused'].map((kind) => `did_${kind}`),
      ...['clearing', 'customer-liability', 'fuel-sales', 'refunds-payable', 'fees', 'suspense'].map(
        (account) => `account_${account}`,
      ),
    ];
    assert.deepEqual(
      wanted.filter((name) => !names.has(name)),
      [],
    );
  });
});
