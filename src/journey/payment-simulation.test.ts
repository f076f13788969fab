import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Judgement } from '../payment/fact.ts';
import type { House } from './testing/house.ts';
import { ourRules } from './testing/rules.ts';
import { describeFailure, simulate } from './testing/simulate.ts';
import { wrongRules } from './testing/wrong-rules.ts';

/**
 * Lives of one order under everything that can go wrong with its money, on our own rules and without a database. What happens stands in `testing/life.ts`
 * and `testing/happenings/`, what must hold in `testing/invariants/`; `testing/steps/` are the journey's steps, cut where they touch the outside;
 * `testing/service/` is a payment service that knows the truth. More runs, or one again:
 *
 *     FORECOURT_SIMULATION_RUNS=1000000 FORECOURT_SIMULATION_SEED=1 npm test -- src/journey/payment-simulation.test.ts
 */
const runs = readNumber('FORECOURT_SIMULATION_RUNS', 3_000);
const seed = readNumber('FORECOURT_SIMULATION_SEED', 1);

function readNumber(name: string, otherwise: number): number {
  const number = Number(process.env[name] ?? otherwise);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new RangeError(`${name} is ${process.env[name]}, not a number from 1 up`);
  return number;
}

test('whatever drivers, payment services, the line, our own nodes and the staff do, no money is lost, doubled or believed too early', () => {
  const failure = simulate({ runs, seed });
  assert.equal(failure, null, failure === null ? '' : describeFailure(failure));
});

describe('the simulation itself', () => {
  test('it comes to every judgement, every way in which an order, a permit or a refund can end, and every mishap', () => {
    const reached = new Set<string>();
    const look = (house: House): void => {
      for (const word of [...house.reached, ...endsOf(house)]) reached.add(word);
    };
    assert.equal(simulate({ runs: reachRunsMax, seed: 1, look }), null);
    assert.deepEqual(
      mustReach.filter((word) => !reached.has(word)),
      [],
    );
  });

  for (const [wrong, change] of Object.entries(wrongRules)) {
    test(`it sees that ${wrong}, in a story of a few steps that its seed tells again`, () => {
      const rules = { ...ourRules, ...change };
      const found = simulate({ runs: wrongRunsMax, seed: 1, rules }) ?? assert.fail('it holds with a wrong rule');
      assert.notEqual(found.invariant, 'no rule throws', found.offence);
      assert.ok(found.happenings <= happeningsToldMax, `${found.happenings} happenings`);
      assert.match(describeFailure(found), new RegExp(`FORECOURT_SIMULATION_SEED=${found.seed} `));
      assert.deepEqual(simulate({ runs: 1, seed: found.seed, rules }), found);
      assert.equal(simulate({ runs: 1, seed: found.seed }), null, 'our own rules hold in it');
    });
  }
});

const reachRunsMax = 1_500;
const wrongRunsMax = 2_500;
const happeningsToldMax = 20;

const judgements = {
  paid: true,
  known: true,
  recorded: true,
  second_payment: true,
  late_payment: true,
  overpayment: true,
  integrity: true,
  refunded_elsewhere: true,
  refund_recorded: true,
  contradicted: true,
  attempt_unknown: true,
} as const satisfies Record<Judgement, true>;

const mustReach = [
  ...Object.keys(judgements).map((judgement) => `judged ${judgement}`),
  ...['fulfilled', 'paid', 'cancelled', 'expired', 'refunded'].map((state) => `order ${state}`),
  ...['printed', 'processed', 'unconfirmed', 'redeemed', 'revoked'].map((state) => `permit ${state}`),
  ...['succeeded', 'abnormal'].map((state) => `refund ${state}`),
  ...[
    'second_payment',
    'late_payment',
    'overpayment',
    'integrity',
    'staff',
    'undelivered',
    'less_dispensed',
    'elsewhere',
  ].map((reason) => `refund for ${reason}`),
  ...['wrong_amount', 'wrong_app', 'wrong_payer', 'wrong_currency_in_suspense', 'wrong_merchant', 'test_mode'].map(
    (integrity) => `integrity ${integrity}`,
  ),
  ...['refund_above_paid', 'refund_permit_redeemed', 'dispense_known'].map((refusal) => `refused ${refusal}`),
  'a refund bounced',
  'two payments',
  'a node died',
  'a late request arrived',
];

function endsOf({ rows, services }: House): readonly string[] {
  const { order, permit, refunds, attempts } = rows.books;
  const payments = services.flatMap(({ trades }) => [...trades.values()]).filter(({ payment }) => payment !== null);
  return [
    `order ${order.state}`,
    `permit ${permit?.state}`,
    ...refunds.flatMap(({ state, reason }) => [`refund ${state}`, `refund for ${reason}`]),
    ...refunds.filter(({ bounces }) => bounces > 0).map(() => 'a refund bounced'),
    ...attempts.map(({ integrity }) => `integrity ${integrity}`),
    ...(payments.length > 1 ? ['two payments'] : []),
  ];
}
