import { createHash } from 'node:crypto';
import type { Random } from '../base/random.ts';

const tokenBytes = 32;
const tokenPattern = /^fcs_[A-Za-z0-9_-]{43}$/;

/** What a member shows instead of a password: 256 random bits. It is printed once; only its digest is kept. */
export const makeStaffToken = (random: Random): string =>
  `fcs_${Buffer.from(random(tokenBytes)).toString('base64url')}`;

/**
 * By this a token is kept and looked up. Whoever can time the look-up learns of the digest's bytes, which he can neither choose nor turn
 * back into a token; a slow hash is for secrets that people choose.
 */
export const digestToken = (token: string): Uint8Array => createHash('sha256').update(token).digest();

/** The token of an `Authorization` header; null where it holds none of our kind. */
export function readStaffToken(authorization: string | undefined): string | null {
  const token = /^Bearer (\S{1,200})$/.exec(authorization ?? '')?.[1];
  return token !== undefined && tokenPattern.test(token) ? token : null;
}
