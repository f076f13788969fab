import fc from 'fast-check';
import type { House } from './house.ts';
import { Broken } from './invariants/invariants.ts';
import { playLastDay } from './last-day.ts';
import { type Life, life } from './life.ts';
import { openHouse } from './open-house.ts';
import { ourRules, type Rules } from './rules.ts';

/** A run in which something does not hold. */
export type Failure = {
  /** Plays the same run again. */
  readonly seed: number;
  readonly invariant: string;
  readonly offence: string;
  /** How many steps the shortest life that fails has. */
  readonly happenings: number;
  /** The shortest life that fails, in words; oldest first. */
  readonly story: readonly string[];
};

export type SimulationWish = {
  readonly runs: number;
  /** Of the first run; each next run has the next one. */
  readonly seed: number;
  readonly rules?: Rules;
  /** Called with each house after its last day. */
  readonly look?: (house: House) => void;
};

/** The first run that fails, or null. */
export function simulate({ runs, seed, rules = ourRules, look }: SimulationWish): Failure | null {
  for (let run = 0; run < runs; run += 1) {
    const failure = simulateOnce(seed + run, rules, look);
    if (failure !== null) return failure;
  }
  return null;
}

/** One run: the same seed gives the same life, and where it fails the same shortest life that fails. */
function simulateOnce(seed: number, rules: Rules, look: (house: House) => void = () => undefined): Failure | null {
  const holds = fc.property(life, (one) => {
    const { house, broken } = play(one, rules);
    if (broken !== null) throw broken;
    look(house);
  });
  const { failed, counterexample } = fc.check(holds, { seed, numRuns: 1, unbiased: true });
  const [shortest] = counterexample ?? [];
  if (!failed || shortest === undefined) return null;
  const { house, broken } = play(shortest, rules);
  if (broken === null) throw new Error(`run ${seed} failed and does not fail again`);
  return {
    seed,
    invariant: broken.invariant,
    offence: broken.offence,
    happenings: shortest.happenings.length,
    story: house.story,
  };
}

/** An error that is no broken invariant is one of a rule: the rules are total, so that is one too. */
function play({ circumstances, happenings }: Life, rules: Rules): { house: House; broken: Broken | null } {
  const house = openHouse(circumstances, rules);
  try {
    for (const happen of happenings) {
      happen(house);
      house.check(house.rows.books);
    }
    playLastDay(house);
    return { house, broken: null };
  } catch (error) {
    if (error instanceof Broken) return { house, broken: error };
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { house, broken: new Broken('no rule throws', what) };
  }
}

/** The beginning tells what was done, the end how it went wrong. */
const headLinesMax = 40;
const tailLinesMax = 20;

/** What was broken, by what story, and how to see it again. */
export function describeFailure({ seed, invariant, offence, story }: Failure): string {
  const head = story.slice(0, headLinesMax);
  const tail = story.slice(Math.max(head.length, story.length - tailLinesMax));
  const between = story.length - head.length - tail.length;
  return [
    `seed ${seed} breaks "${invariant}": ${offence}`,
    'The shortest story that does:',
    ...head,
    ...(between > 0 ? [`    (${between} lines)`] : []),
    ...tail,
    'To see it again:',
    `  FORECOURT_SIMULATION_SEED=${seed} FORECOURT_SIMULATION_RUNS=1 npm test -- src/journey/payment-simulation.test.ts`,
  ].join('\n');
}
