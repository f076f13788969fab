import { decodeClaims, type PermitClaims } from './permit-claims.ts';
import { openToken, type PermitPublicKey, type TokenRefusal } from './permit-token.ts';

export type PermitRefusal = TokenRefusal | 'wrong_station' | 'issued_in_future' | 'expired' | 'wrong_plate';

export type PermitVerdict =
  | { readonly accepted: true; readonly claims: PermitClaims; readonly keyId: number }
  | { readonly accepted: false; readonly refused: PermitRefusal };

export type PermitQuestion = {
  readonly token: string;
  readonly stationNumber: number;
  /** Compared where given and where the permit names one. */
  readonly plate?: string;
  readonly now: number;
  readonly keys: readonly PermitPublicKey[];
};

/** A gate's clock and the cloud's may differ by so much. */
export const clockSkewMsMax = 60_000;

/** What each refusal means, for staff. */
export const refusalMeanings: Readonly<Record<PermitRefusal, string>> = {
  malformed: 'this is no permit, or it was damaged',
  unknown_version: 'this permit is of a kind that this program does not know',
  unknown_key: 'it was signed with a key that is not in the key file',
  wrong_algorithm: 'its header names another algorithm or holds more than it may',
  bad_signature: 'the signature does not hold: forged or altered',
  wrong_station: 'it is for another station',
  issued_in_future: 'it was issued in the future: a clock is wrong',
  expired: 'it has expired',
  wrong_plate: 'it is for another number plate',
};

/** May the driver leave? Offline: the key list and a clock are all it needs. Refusals are checked in the order of their list. */
export function verifyPermit(question: PermitQuestion): PermitVerdict {
  const opened = openToken(question.token.trim(), question.keys);
  if ('refused' in opened) return { accepted: false, refused: opened.refused };
  const claims = decodeClaims(opened.payload);
  if (claims === null) return { accepted: false, refused: 'malformed' };
  if (claims.stationNumber !== question.stationNumber) return { accepted: false, refused: 'wrong_station' };
  if (claims.issuedAt > question.now + clockSkewMsMax) return { accepted: false, refused: 'issued_in_future' };
  if (claims.expiresAt <= question.now) return { accepted: false, refused: 'expired' };
  if (question.plate !== undefined && claims.plate !== null && !samePlate(question.plate, claims.plate))
    return { accepted: false, refused: 'wrong_plate' };
  return { accepted: true, claims, keyId: opened.keyId };
}

/** Plates are compared without blanks, dots and hyphens, in capitals. */
export const normalizePlate = (plate: string): string => plate.replace(/[\s.·•-]/g, '').toUpperCase();

const samePlate = (one: string, other: string): boolean => normalizePlate(one) === normalizePlate(other);
