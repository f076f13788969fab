import { encodeBytes } from '../base/crockford.ts';
import type { Random } from '../base/random.ts';

/** What a member may do besides seeing the orders of his stations. `override`: give all of the money back though the permit was used. */
export const staffRights = ['refund', 'dispense', 'override'] as const;
export type StaffRight = (typeof staffRights)[number];

/** A person who works at stations. Times in ms since 1970. */
export type StaffMember = {
  readonly staffId: string;
  readonly name: string;
  /** Where the person works; null: at every station of the chain. */
  readonly stationNumbers: readonly number[] | null;
  readonly rights: readonly StaffRight[];
  readonly addedAt: number;
  /** From then on the person's token opens nothing any more. The row stays: the audit trail names it. */
  readonly removedAt: number | null;
};

export const staffNameLengthMax = 64;
/** One who works at more stations works for the chain. */
export const staffStationsMax = 100;
export const staffMembersMax = 10_000;

export const makeStaffId = (random: Random): string => `stf_${encodeBytes(random(8))}`;

export const worksAt = ({ stationNumbers }: Pick<StaffMember, 'stationNumbers'>, stationNumber: number): boolean =>
  stationNumbers === null || stationNumbers.includes(stationNumber);

export const mayDo = ({ rights }: Pick<StaffMember, 'rights'>, right: StaffRight): boolean => rights.includes(right);

/** A name as it will stand in the books, or null where it is empty, too long or cannot be printed. */
export function readStaffName(text: string): string | null {
  const name = text.trim();
  return name !== '' && name.length <= staffNameLengthMax && !/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u.test(name) ? name : null;
}

/** Rights by their names, comma between them, each once and in our order; null where one is none of ours. */
export function readRights(text: string): readonly StaffRight[] | null {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const isRight = (name: string): boolean => staffRights.some((right) => right === name);
  return names.every(isRight) ? staffRights.filter((right) => names.includes(right)) : null;
}
