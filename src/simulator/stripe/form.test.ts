import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseForm } from './form.ts';

test('brackets nest, numbers and empty brackets make lists', () => {
  assert.deepEqual(parseForm('mode=payment&a[b][c]=1&a[d]=2&l[0][x]=y&l[1][x]=z&expand[]=p&expand[]=q&t=a+b%26'), {
    mode: 'payment',
    a: { b: { c: '1' }, d: '2' },
    l: [{ x: 'y' }, { x: 'z' }],
    expand: ['p', 'q'],
    t: 'a b&',
  });
  assert.deepEqual(parseForm(''), {});
});

test('a list that does not begin at 0 is none, and a name of the language itself is a name like any other', () => {
  assert.deepEqual(parseForm('l[1]=x'), { l: { 1: 'x' } });
  const odd = parseForm('__proto__[polluted]=yes');
  assert.deepEqual(Object.keys(odd ?? {}), ['__proto__']);
  assert.equal('polluted' in {}, false);
});

test('what is not written so, or contradicts itself, or is beyond measure is not read', () => {
  assert.equal(parseForm('a[b=1'), null);
  assert.equal(parseForm('[a]=1'), null);
  assert.equal(parseForm('a=1&a[b]=2'), null);
  assert.equal(parseForm('a[b]=2&a=1'), null);
  assert.equal(parseForm(`a${'[b]'.repeat(8)}=1`), null);
  assert.equal(parseForm(Array.from({ length: 1001 }, (_, index) => `f${index}=1`).join('&')), null);
});
