import { type Refusal, refuse } from '../base/problem.ts';

/** Who orders: each part optional, none needed to pay. */
export type User = {
  readonly userName: string | null;
  readonly userPhone: string | null;
  readonly userPlate: string | null;
};

export type UserWish = {
  readonly name?: string | undefined;
  readonly phone?: string | undefined;
  readonly plate?: string | undefined;
};

const nameLengthMax = 64;
const phonePattern = /^\+?[0-9][0-9 ()-]{3,22}[0-9]$/;
// Letters and digits of any script, with the separators that plates bear; the Chinese dot is dropped.
const platePattern = /^[\p{L}\p{N}][\p{L}\p{N} -]{0,14}[\p{L}\p{N}]$/u;
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u;

/** Refuses, in this order: name_invalid, phone_invalid, plate_invalid. Empty means not given. */
export function readUser(wish: UserWish): User | Refusal {
  const name = wish.name?.trim() ?? '';
  if (name.length > nameLengthMax || unprintable.test(name)) return refuse('name_invalid');
  const phone = wish.phone?.trim() ?? '';
  if (phone !== '' && !phonePattern.test(phone)) return refuse('phone_invalid');
  const plate = (wish.plate ?? '').trim().replace(/[·•]/g, '').toUpperCase();
  if (plate !== '' && !platePattern.test(plate)) return refuse('plate_invalid');
  return { userName: name || null, userPhone: phone || null, userPlate: plate || null };
}
