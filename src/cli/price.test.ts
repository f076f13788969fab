import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runForecourt, runInProcess } from '../testing/command.ts';
import { UsageError } from './command.ts';
import { command } from './price.ts';

async function price(...words: string[]) {
  const outcome = await runForecourt(['price', ...words]);
  return { ...outcome, json: words.includes('--json') ? JSON.parse(outcome.stdout) : undefined };
}

test('the example of the help is priced: volume, money, discount and payable as decimal strings', async () => {
  const { exitCode, json } = await price('--price', '7.39', '--money', '200.00', '--member-price', '7.19', '--json');
  assert.equal(exitCode, 0);
  assert.deepEqual(json, {
    volume: '27.06',
    money: '200.00',
    discount: '5.41',
    payable: '194.59',
    price: '7.39',
    memberPrice: '7.19',
    currency: 'CNY',
    unit: 'l',
    step: '0.01',
    rounding: 'half-up',
  });
});

test('a receipt that does not agree exits with 1 and says by how much', async () => {
  const { exitCode, stdout } = await price('--check', '--price', '7.39', '--money', '205.00', '--volume', '27.06');
  assert.equal(exitCode, 1);
  assert.match(stdout, /agrees +false/);
  assert.match(stdout, /difference +5\.0266/);
  assert.match(stdout, /expectedMoney +199\.97/);
});

test('a checked receipt shows volume, money, discount and payable, whether it agrees or not', async () => {
  const words = ['--check', '--price=7.39', '--member-price=7.19', '--volume=27.06', '--json'];
  const good = await price(...words, '--money=200.00');
  assert.deepEqual(good.json, {
    agrees: true,
    volume: '27.06',
    money: '200.00',
    discount: '5.41',
    payable: '194.59',
    difference: '0.0266',
    tolerance: '0.0739',
    expectedMoney: '199.97',
    expectedVolume: '27.06',
    price: '7.39',
    memberPrice: '7.19',
    currency: 'CNY',
    unit: 'l',
    step: '0.01',
    rounding: 'half-up',
  });
  const { exitCode, json } = await price(...words, '--money=205.00');
  assert.deepEqual(
    [exitCode, json.agrees, json.volume, json.money, json.discount, json.payable],
    [1, false, '27.06', '205.00', '5.41', '199.59'],
  );
});

test('a receipt with an amount of zero or a volume off the step is refused by name', async () => {
  for (const [words, refusal] of [
    [['--money=0', '--volume=27.06'], 'money_not_positive'],
    [['--money=200', '--volume=0'], 'volume_not_positive'],
    [['--money=200', '--volume=27.065'], 'volume_step'],
    [['--money=0.07', '--volume=0.01', '--member-price=0.01'], 'money_not_positive'],
    [['--money=200', '--volume=0.01', '--member-price=0.01'], 'money_volume_disagree'],
  ] as const) {
    const { exitCode, json } = await price('--check', '--price=7.39', ...words, '--json');
    assert.deepEqual([exitCode, json.refusal], [1, refusal], words.join(' '));
  }
});

test('money and volume that disagree are refused with the difference', async () => {
  const words = [
    '--price=172',
    '--money=5000',
    '--volume=30.5',
    '--currency=JPY',
    '--rounding=down',
    '--step=0.1',
    '--json',
  ];
  const { exitCode, json } = await price(...words);
  assert.equal(exitCode, 1);
  assert.deepEqual([json['refusal'], json['difference']], ['money_volume_disagree', '-246']);
});

test('wrong use exits with 2 and points to the help', async () => {
  const { exitCode, stderr } = await price('--price', '7', '--mony', '1');
  assert.equal(exitCode, 2);
  assert.match(stderr, /--mony.*\nSee: forecourt price --help/s);
});

test('each wrong use is told by its option', async () => {
  for (const [words, reason] of [
    [['--money', '1'], /--price is missing/],
    [['--price', '0', '--money', '1'], /--price 0 is too small/],
    [['--price', '7.3999', '--money', '1'], /--price 7.3999 is no such decimal/],
    [['--price', '7', '--money=-1'], /--money -1/],
    [['--price', '7', '--money', '1.001'], /--money 1.001 is no such decimal number, or is too fine/],
    [['--price', '7', '--money', '1', '--currency', 'QQQ'], /QQQ is no ISO 4217/],
    [['--price', '7', '--money', '1', '--unit', 'barrel'], /--unit barrel is none of l, gal-us/],
    [['--price', '7', '--money', '1', '--rounding', 'random'], /--rounding random is none of half-up/],
    [['--price', '7', '--money', '1', '--step', '0'], /--step 0 is too small/],
    [['--price', '7', '--money', '1', '--member-price', '7.01'], /--member-price is above/],
    [['--price', '7', '--money', '1', '--check'], /--check needs/],
  ] as const) {
    await assert.rejects(
      runInProcess(command, words),
      (error) => error instanceof UsageError && reason.test(error.message),
      words.join(' '),
    );
  }
});
