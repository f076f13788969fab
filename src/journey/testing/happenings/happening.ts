import fc from 'fast-check';
import { begin, type Pace, type Step, toTheEnd } from '../steps/step.ts';
import { opensAt } from '../open-house.ts';
import { type House, type Node, say } from '../house.ts';

/** Something that happens to an order, on a house as it stands at that moment; where it cannot happen, nothing does. */
export type Happening = (house: House) => void;

/** The newest first, so that a smaller number is the plainer story. */
export const pick = <Item>(items: readonly Item[], number: number): Item | undefined =>
  items.at(-1 - (number % Math.max(items.length, 1)));

const nodeNumber = fc.nat({ max: 1 });
export const anyNumber = fc.nat({ max: 7 });

const pace: fc.Arbitrary<Pace> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(toTheEnd) },
  { weight: 2, arbitrary: fc.record({ touches: fc.nat({ max: 7 }), after: fc.constant('pauses' as const) }) },
  { weight: 1, arbitrary: fc.record({ touches: fc.nat({ max: 7 }), after: fc.constant('dies' as const) }) },
);

/** At which node it happens, and how far it gets. */
export type Place = { readonly nodeNumber: number; readonly pace: Pace };
export const place: fc.Arbitrary<Place> = fc.record({ nodeNumber, pace });

/** Tells what happens and at what time. */
export const tellOf = (house: House, words: string): void => say(house, `${clock(house)} ${words}`);

function clock({ now }: House): string {
  const seconds = Math.floor((now - opensAt) / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** Something that one of our nodes does, begun here. */
export function act(house: House, title: string, at: Place, step: (node: Node) => Step<unknown>): void {
  const node = house.nodes[at.nodeNumber];
  if (node === undefined) throw new Error(`there is no node ${at.nodeNumber}`);
  tellOf(house, `${title} (node ${node.number})`);
  begin(house, title, node, step(node), at.pace);
}
