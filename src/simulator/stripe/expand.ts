import type { Book } from './book.ts';
import { chargeObject, disputeObject, intentObject, movementObject, refundObject } from './objects.ts';

const depthMax = 4;

/** What can stand as a name or as a whole object. */
const expandable = ['payment_intent', 'latest_charge', 'charge', 'balance_transaction', 'source', 'customer'];

/** Why a wish to expand cannot be met, or null. */
export type ExpandRefusal = { readonly code?: string; readonly message: string };

export type Expanded = { readonly body: object } | { readonly refused: ExpandRefusal };

/** Puts whole objects in the place of their names, along paths like `payment_intent.latest_charge` or, in a list, `data.source`. */
export function expandBody(book: Book, body: object, paths: readonly string[]): Expanded {
  let expanded = body;
  for (const path of paths) {
    const steps = path.split('.');
    if (steps.length > depthMax)
      return {
        refused: {
          code: 'property_expansion_max_depth',
          message: `You cannot expand more than ${depthMax} levels of a property. Property: ${path}`,
        },
      };
    const next = walk(book, expanded, steps);
    if (next === null) return { refused: { message: `This property cannot be expanded (${path}).` } };
    expanded = next;
  }
  return { body: expanded };
}

function walk(book: Book, body: object, [head = '', ...rest]: readonly string[]): object | null {
  const entries = Object.entries(body);
  const found = entries.find(([name]) => name === head);
  if (found === undefined || (found[1] === null && !expandable.includes(head))) return null;
  const value = stepInto(book, found[1], rest);
  return value === undefined
    ? null
    : Object.fromEntries(entries.map(([name, old]) => [name, name === head ? value : old]));
}

/** Undefined where there is nothing to expand in the place; null stays null, as of a session that nobody has tried to pay. */
function stepInto(book: Book, value: unknown, rest: readonly string[]): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const walked = items.map((item) => (typeof item === 'object' && item !== null ? walk(book, item, rest) : null));
    return walked.includes(null) ? undefined : walked;
  }
  const object = typeof value === 'string' ? findObject(book, value) : value;
  if (typeof object !== 'object' || object === null) return undefined;
  return rest.length === 0 ? object : (walk(book, object, rest) ?? undefined);
}

/** What a name stands for; a payout's is none that is simulated, and stays a name. */
function findObject(book: Book, id: string): object | string | undefined {
  const [prefix = ''] = id.split('_');
  switch (prefix) {
    case 'pi':
      return mapped(book.intents.get(id), intentObject);
    case 'ch':
      return mapped(book.charges.get(id), (charge) => chargeObject(charge, book));
    case 're':
      return mapped(book.refunds.get(id), refundObject);
    case 'du':
      return mapped(book.disputes.get(id), disputeObject);
    case 'txn':
      return mapped(book.movements.get(id), movementObject);
    case 'po':
      return { id, object: 'payout' };
    default:
      return undefined;
  }
}

const mapped = <One>(record: One | undefined, show: (one: One) => object): object | undefined =>
  record === undefined ? undefined : show(record);
