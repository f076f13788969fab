import type { House, Node, Work } from '../house.ts';
import { say } from '../house.ts';

/**
 * What a node does, cut where it touches the outside: before each look into the rows, before each request to a service, and before its answer is read. At
 * each cut other nodes may go on, time may pass, or the node may die. `queue`: it waits for something else of its own node.
 */
export type Touch = 'rows' | 'request' | 'answer' | 'queue';
export type Step<Result> = Generator<Touch, Result, undefined>;

/** How far something gets before it is left lying, or before its node dies. */
export type Pace = { readonly touches: number; readonly after: 'pauses' | 'dies' };
export const toTheEnd: Pace = { touches: Number.POSITIVE_INFINITY, after: 'pauses' };

const pausedMax = 6;

export function begin(house: House, title: string, node: Node, step: Step<unknown>, pace: Pace): void {
  goOn(house, { title, node, step }, pace);
}

export function goOn(house: House, work: Work, pace: Pace): void {
  for (let touches = 0; ; touches += 1) {
    const { done, value } = work.step.next();
    if (done === true) return;
    if (value === 'queue') return pause(house, work);
    if (touches < pace.touches || (pace.after === 'pauses' && house.paused.length >= pausedMax)) continue;
    if (pace.after === 'dies') {
      say(house, `    node ${work.node.number} dies before the next ${value}`);
      house.reached.add('a node died');
      return die(house, work.node);
    }
    say(house, `    … ${work.title} is left lying before the next ${value}`);
    return pause(house, work);
  }
}

function pause(house: House, work: Work): void {
  house.paused.push(work);
}

/** All that it had in its hands is lost; the rows and what is on its way stay. */
export function die(house: House, node: Node): void {
  node.creating.clear();
  const others = house.paused.filter((work) => work.node !== node);
  house.paused.splice(0, house.paused.length, ...others);
}
