import { type Clock, secondMs } from '../base/clock.ts';
import { callMsMax } from './call-provider.ts';

/** For so long a node has for itself what it took. One that dies with work in its hands loses it to the others after that. */
export const leaseMs = 30 * secondMs;

/** What one errand may take: two calls, of which the second follows from the answer to the first, and what is written down between them. */
const errandMsMax = 2 * callMsMax + 2 * secondMs;

/** Where less of the lease is left than an errand may take it is not begun: two nodes would do it at once. */
export const mayBegin = (leasedUntil: number, now: number): boolean => now + errandMsMax <= leasedUntil;

/** So many errands of one kind are under way at once, at one payment service. */
const errandsAtOnceMax = 8;

/** As `inParallel`, as long as the lease allows; what is left then comes up by itself when the lease ends, for whichever node is first. */
export const workInLease = <Item>(
  { clock, leasedUntil }: { readonly clock: Clock; readonly leasedUntil: number },
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> => inParallel(items, work, () => mayBegin(leasedUntil, clock()));

/** A few at once; all are tried, then the first failure is thrown. */
export async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
  mayGoOn: () => boolean = () => true,
): Promise<void> {
  const waiting = [...items];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && mayGoOn(); item = waiting.shift()) {
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: errandsAtOnceMax }, worker));
  if (failures.length > 0) throw failures[0];
}
