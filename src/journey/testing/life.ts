import fc from 'fast-check';
import { cancels, opensCashier, pays, pressesPay } from './happenings/driver-happenings.ts';
import type { Happening } from './happenings/happening.ts';
import type { Circumstances } from './house.ts';
import {
  janitorGoesRound,
  lateRequestArrives,
  messageArrives,
  nodeDies,
  pausedGoesOn,
  timePasses,
  weatherChanges,
} from './happenings/line-happenings.ts';
import { promiseMs } from './open-house.ts';
import {
  billIsRead,
  isGivenBackThere,
  lieArrives,
  refundBounces,
  refundEnds,
  refundLieArrives,
  strangerPays,
} from './happenings/service-happenings.ts';
import { gateOpens, pumpStops, staffGiveBack, terminalReports } from './happenings/station-happenings.ts';

/** The life of one order, before its last day. */
export type Life = { readonly circumstances: Circumstances; readonly happenings: readonly Happening[] };

const happeningsMax = 60;

type Part = { readonly weight: number; readonly arbitrary: fc.Arbitrary<Happening> };

const parts = (weight: number, ...arbitraries: readonly fc.Arbitrary<Happening>[]): readonly Part[] =>
  arbitraries.map((arbitrary) => ({ weight, arbitrary }));

/** What belongs to every day: somebody pays, somebody tells us, the janitor goes round, time passes. */
const everyDay = parts(10, pays, messageArrives, janitorGoesRound, timePasses);

/** Days of several kinds: what goes wrong, goes wrong more often on one and not at all on another, so that the stories differ. */
const days: readonly (readonly Part[])[] = [
  // The driver tries one way after the other.
  [
    ...everyDay,
    ...parts(20, pressesPay),
    ...parts(5, weatherChanges, pausedGoesOn, opensCashier),
    ...parts(2, cancels),
  ],
  // The line is bad, and our machines are no better.
  [
    ...everyDay,
    ...parts(8, pressesPay, weatherChanges, pausedGoesOn),
    ...parts(4, lateRequestArrives, nodeDies, opensCashier, staffGiveBack),
    ...parts(1, cancels, terminalReports),
  ],
  // Money goes back, from all sides at once.
  [
    ...everyDay,
    ...parts(8, staffGiveBack, isGivenBackThere, refundEnds, weatherChanges),
    ...parts(4, pressesPay, pumpStops, refundBounces, billIsRead, gateOpens, terminalReports),
  ],
  // A little of everything.
  [
    ...everyDay,
    ...parts(5, pressesPay, pausedGoesOn, weatherChanges, terminalReports, staffGiveBack, refundEnds),
    ...parts(2, opensCashier, lateRequestArrives, isGivenBackThere, pumpStops, gateOpens, lieArrives, strangerPays),
    ...parts(1, cancels, nodeDies, refundBounces, refundLieArrives, billIsRead),
  ],
];

const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  byVolume: fc.boolean(),
  promiseMs: fc.constantFrom(null, promiseMs),
  confirms: fc.boolean(),
});

/** Drivers press "pay" before anything else happens to their order. */
export const life: fc.Arbitrary<Life> = fc.record({
  circumstances,
  happenings: fc
    .tuple(
      fc.array(pressesPay, { minLength: 1, maxLength: 2 }),
      fc.oneof(...days.map((day) => fc.array(fc.oneof(...day), { maxLength: happeningsMax, size: 'max' }))),
    )
    .map(([first, rest]) => [...first, ...rest]),
});
