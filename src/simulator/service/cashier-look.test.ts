import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHtml, readPageSettings, readReturnUrl, showMoney } from './cashier-look.ts';

test('money is shown in the digits of its currency', () => {
  const cases = [
    [20_000, 'CNY', '¥200.00'],
    [5, 'EUR', '€0.05'],
    [1_050, 'CHF', 'CHF 10.50'],
    [4_000, 'JPY', 'JPY 4000'],
    [100, '<b>', '&lt;b&gt; 100'],
  ] as const;
  for (const [minor, currency, text] of cases) assert.equal(showMoney(minor, currency), text);
});

test('the language is the one in the address, else the browser’s, else Chinese; the other one is a link to the same page', () => {
  const at = (query: string): URL => new URL(`http://127.0.0.1/cashier/pay?a=1${query}`);
  assert.equal(readPageSettings(at(''), undefined).language, 'zh');
  assert.equal(readPageSettings(at(''), 'en-GB,en;q=0.9').language, 'en');
  assert.equal(readPageSettings(at('&lang=zh'), 'en').language, 'zh');
  assert.equal(readPageSettings(at('&lang=zh'), 'en').otherLanguageUrl, '/cashier/pay?a=1&lang=en');
});

test('a browser is sent back only to a web page', () => {
  assert.equal(readReturnUrl('https://shop.example/order?id=1'), 'https://shop.example/order?id=1');
  for (const text of [null, '', 'javascript:alert(1)', 'file:///etc/passwd', '/order'])
    assert.equal(readReturnUrl(text), null);
});

test('what a merchant wrote stays text', () => {
  assert.equal(escapeHtml(`<a href="x">'&'</a>`), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;');
});
