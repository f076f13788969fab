/** How the simulated printer behaves (devices.md 3.3), with what a person reads on its page. */
export const behaviours = {
  ok: 'prints and says so',
  'gsr-only': 'prints, knows GS r but not GS ( H',
  'paper-out': 'no paper',
  'paper-out-mid': 'paper ends in the middle of the next slip',
  'cover-open': 'cover open',
  dumb: 'prints, never answers (clone, USB bridge)',
  'drop-ack': 'prints, its last answers get lost',
  'hang-up': 'prints, then the connection breaks',
  'port-closed': 'switched off',
} as const satisfies Record<string, string>;

export type Behaviour = keyof typeof behaviours;

export const isBehaviour = (name: string): name is Behaviour => Object.hasOwn(behaviours, name);

/** Bytes of a job after which `paper-out-mid` runs out. */
export const midJobBytes = 2_000;

const isOut = (behaviour: Behaviour): boolean => behaviour === 'paper-out';
const isOpen = (behaviour: Behaviour): boolean => behaviour === 'cover-open';

/** Offline: real-time questions are answered, nothing is executed. */
export const isOffline = (behaviour: Behaviour): boolean => isOut(behaviour) || isOpen(behaviour);

/** The answer to `DLE EOT n`. */
export function realTimeStatus(behaviour: Behaviour, question: number): number {
  const base = 0x12;
  if (question === 1) return isOffline(behaviour) ? base | 0x08 : base;
  if (question === 2) return base | (isOpen(behaviour) ? 0x04 : 0) | (isOut(behaviour) ? 0x20 : 0);
  if (question === 4) return isOut(behaviour) ? base | 0x60 : base;
  return base;
}

/** The four bytes that automatic status (`GS a`) pushes. */
export function automaticStatus(behaviour: Behaviour): readonly number[] {
  const printer = 0x10 | (isOpen(behaviour) ? 0x20 : 0) | (isOffline(behaviour) ? 0x08 : 0);
  return [printer, 0x00, isOut(behaviour) ? 0x0c : 0x00, 0x00];
}
