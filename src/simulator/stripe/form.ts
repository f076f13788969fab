/** What a form-encoded body or query holds once its brackets are read. */
export type FormValue = string | readonly FormValue[] | { readonly [name: string]: FormValue };

const fieldsMax = 1000;
const depthMax = 8;

type Branch = Map<string, Branch | string>;

/**
 * Reads `a[b][0][c]=v&expand[]=x` as Stripe does: brackets nest, an empty one counts on, and a branch whose names are 0, 1, 2, … is a list. Null for names
 * that are not written so, and beyond the limits.
 */
export function parseForm(text: string): { readonly [name: string]: FormValue } | null {
  const root: Branch = new Map();
  let fieldCount = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    fieldCount += 1;
    const path = readPath(name);
    if (path === null || fieldCount > fieldsMax || !put(root, path, value)) return null;
  }
  return objectOf(root);
}

function readPath(name: string): string[] | null {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name);
  if (match === null) return null;
  const path = [match[1] ?? '', ...Array.from((match[2] ?? '').matchAll(/\[([^[\]]*)\]/g), ([, part = '']) => part)];
  return path.length <= depthMax ? path : null;
}

/** False where the place is taken by something of the other kind. */
function put(branch: Branch, [head = '', ...rest]: readonly string[], value: string): boolean {
  const name = head === '' ? String(branch.size) : head;
  if (rest.length === 0) {
    if (typeof branch.get(name) === 'object') return false;
    branch.set(name, value);
    return true;
  }
  const next = branch.get(name) ?? new Map<string, Branch | string>();
  if (typeof next === 'string') return false;
  branch.set(name, next);
  return put(next, rest, value);
}

const objectOf = (branch: Branch): { readonly [name: string]: FormValue } =>
  Object.fromEntries([...branch].map(([name, value]) => [name, typeof value === 'string' ? value : valueOf(value)]));

function valueOf(branch: Branch): FormValue {
  const object = objectOf(branch);
  const isList = [...branch.keys()].every((name, index) => name === String(index));
  return isList ? Object.values(object) : object;
}
