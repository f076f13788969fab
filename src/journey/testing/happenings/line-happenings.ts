import fc from 'fast-check';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../base/clock.ts';
import { arriveLate } from '../steps/call-service.ts';
import { goRound } from '../steps/go-round.ts';
import { act, anyNumber, type Happening, pick, place, tellOf } from './happening.ts';
import { hear } from '../steps/hear.ts';
import { say, type Weather } from '../house.ts';
import type { Message } from '../service/payment-service.ts';
import { letTimePass } from '../service/service-people.ts';
import { shortRef } from '../steps/settle.ts';
import { die, goOn } from '../steps/step.ts';

/** What the line, the clock and our own machines do: messages late, twice or never, silence, nodes that die. */

/** Any message that was ever sent, as often as it likes: what is never drawn is lost. */
export const messageArrives: fc.Arbitrary<Happening> = fc
  .record({
    number: anyNumber,
    copies: fc.integer({ min: 1, max: 2 }),
    canJudge: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    place,
  })
  .map(({ number, copies, canJudge, place }) => (house) => {
    const message = pick(house.told, number);
    if (message === undefined) return;
    const twice = copies > 1 ? ', twice at once' : '';
    const unjudged = canJudge ? '' : ', and cannot be judged';
    act(house, `a message of ${describe(message)} arrives${twice}${unjudged}`, place, () =>
      hear(house, message, { copies, canJudge }),
    );
  });

function describe({ service, news }: Message): string {
  const { id } = service.account;
  if ('hint' in news) return `${id} about attempt ${shortRef(news.hint)}`;
  return 'refundRef' in news
    ? `${id}, refund ${shortRef(news.refundRef)} ${news.state}`
    : `${id}, attempt ${shortRef(news.attemptRef)} ${news.state}`;
}

export const janitorGoesRound: fc.Arbitrary<Happening> = place.map(
  (at) => (house) => act(house, 'the janitor goes round', at, () => goRound(house)),
);

export const pausedGoesOn: fc.Arbitrary<Happening> = fc
  .record({ number: anyNumber, place })
  .map(({ number, place }) => (house) => {
    const work = pick(house.paused, number);
    if (work === undefined) return;
    house.paused.splice(house.paused.indexOf(work), 1);
    tellOf(house, `goes on: ${work.title} (node ${work.node.number})`);
    goOn(house, work, place.pace);
  });

export const nodeDies: fc.Arbitrary<Happening> = fc.nat({ max: 1 }).map((number) => (house) => {
  const node = house.nodes[number];
  if (node === undefined || !house.paused.some((work) => work.node === node)) return;
  tellOf(house, `node ${node.number} dies`);
  die(house, node);
});

/** An order lives for ten minutes: most of a story happens within them. */
const spans = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(secondMs, 3 * secondMs, 6 * secondMs, 31 * secondMs) },
  { weight: 4, arbitrary: fc.constantFrom(minuteMs, 2 * minuteMs, 4 * minuteMs) },
  { weight: 1, arbitrary: fc.constantFrom(11 * minuteMs, hourMs, dayMs) },
);

export const timePasses: fc.Arbitrary<Happening> = spans.map((ms) => (house) => {
  house.now += ms;
  say(house, `${ms / secondMs} s pass`);
  for (const service of house.services) letTimePass(service, house.now);
});

const weathers: readonly Weather[] = [
  'fine',
  'answers lost',
  'requests lost',
  'requests late',
  'unreachable',
  'busy',
  'refuses',
];

export const weatherChanges: fc.Arbitrary<Happening> = fc
  .record({ number: fc.nat({ max: 2 }), weather: fc.constantFrom(...weathers) })
  .map(({ number, weather }) => (house) => {
    const service = house.services[number];
    if (service === undefined || house.weather[service.account.id] === weather) return;
    house.weather[service.account.id] = weather;
    tellOf(house, `the line to ${service.account.id}: ${weather}`);
  });

export const lateRequestArrives: fc.Arbitrary<Happening> = anyNumber.map((number) => (house) => {
  if (house.late.length > 0) arriveLate(house, number % house.late.length);
});
