import { type PrinterAnswer, type PrinterFault, realTimeFault } from './printer-answers.ts';

/**
 * The rungs from "sent" to "printed" (devices.md 3.2), as a pure machine: the printer is asked four questions; only if all answers are
 * good is the job sent; then the best thing that the printer says about it in time is the result.
 */
export type Ladder =
  | { readonly rung: 'checking'; readonly statuses: readonly number[] }
  | { readonly rung: 'printing'; readonly began: boolean; readonly processed: boolean }
  | { readonly rung: 'done'; readonly outcome: PrintOutcome };

export type PrintFault = PrinterFault | `${PrinterFault}-mid`;

export type PrintOutcome =
  | { readonly state: 'printed' | 'processed'; readonly reason: null }
  | { readonly state: 'unconfirmed'; readonly reason: 'no-answer' | 'disconnect' }
  | { readonly state: 'failed'; readonly reason: PrintFault | 'no-status' | 'disconnect' };

export const questionCount = 4;

export const ladderStart: Ladder = { rung: 'checking', statuses: [] };

const done = (outcome: PrintOutcome): Ladder => ({ rung: 'done', outcome });

/** The ladder after the answers of one packet. "Printed" wins over a fault in the same packet: paper may end right after the slip. */
export function climb(ladder: Ladder, answers: readonly PrinterAnswer[], processId: string): Ladder {
  const isPrinted = answers.some((answer) => answer.kind === 'printed' && answer.processId === processId);
  if (ladder.rung === 'printing' && isPrinted) return done({ state: 'printed', reason: null });
  return answers.reduce(climbOne, ladder);
}

function climbOne(ladder: Ladder, answer: PrinterAnswer): Ladder {
  if (ladder.rung === 'done') return ladder;
  if (ladder.rung === 'checking')
    return answer.kind === 'real-time' ? check([...ladder.statuses, answer.status]) : ladder;
  if (answer.kind === 'processed') return { ...ladder, processed: true };
  if (answer.kind !== 'automatic') return ladder;
  if (answer.fault === null) return { ...ladder, began: true };
  return done({ state: 'failed', reason: ladder.began ? `${answer.fault}-mid` : answer.fault });
}

function check(statuses: readonly number[]): Ladder {
  if (statuses.length < questionCount) return { rung: 'checking', statuses };
  const fault = realTimeFault(statuses);
  return fault === null
    ? { rung: 'printing', began: false, processed: false }
    : done({ state: 'failed', reason: fault });
}

/** The outcome when the printer says nothing more, because the time is over or the connection is gone. */
export function fallSilent(ladder: Ladder, why: 'timeout' | 'disconnect'): PrintOutcome {
  if (ladder.rung === 'done') return ladder.outcome;
  if (ladder.rung === 'checking') return { state: 'failed', reason: why === 'timeout' ? 'no-status' : 'disconnect' };
  if (ladder.processed) return { state: 'processed', reason: null };
  return { state: 'unconfirmed', reason: why === 'timeout' ? 'no-answer' : 'disconnect' };
}
