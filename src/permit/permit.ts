import { createHash } from 'node:crypto';
import { checkCharacter, encodeBytes, normalize } from '../base/crockford.ts';
import type { Random } from '../base/random.ts';
import { encodeClaims, type PermitClaims } from './permit-claims.ts';
import { type PermitKey, signToken } from './permit-token.ts';

export type PermitState =
  | 'issued'
  | 'sent'
  | 'printed'
  | 'processed'
  | 'unconfirmed'
  | 'undeliverable'
  | 'redeemed'
  | 'revoked'
  | 'expired';

/** The station's word that the driver may leave. Times in milliseconds since 1970. */
export type Permit = {
  readonly stationNumber: number;
  readonly orderId: string;
  /** 8 random bytes in hex: the token's `cti`. */
  readonly permitId: string;
  readonly attemptRef: string;
  readonly keyId: number;
  readonly token: string;
  readonly shortCode: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly state: PermitState;
  readonly stateAt: number;
};

/** Paper lives so long (devices.md 1.4). */
export const permitLifetimeMs = 30 * 60_000;

export type PermitWish = {
  readonly stationNumber: number;
  readonly orderId: string;
  readonly attemptRef: string;
  readonly plate: string | null;
  readonly pump: number | null;
};

/** A fresh, signed permit for a paid order. Pure but for the randomness it is handed. */
export function issuePermit(wish: PermitWish, key: PermitKey, now: number, random: Random): Permit {
  const idBytes = random(8);
  const issuedAt = Math.floor(now / 1000) * 1000;
  const claims: PermitClaims = {
    stationNumber: wish.stationNumber,
    expiresAt: issuedAt + permitLifetimeMs,
    issuedAt,
    permitId: idBytes,
    plate: wish.plate,
    pump: wish.pump,
  };
  return {
    stationNumber: wish.stationNumber,
    orderId: wish.orderId,
    permitId: Buffer.from(idBytes).toString('hex'),
    attemptRef: wish.attemptRef,
    keyId: key.keyId,
    token: signToken(encodeClaims(claims), key),
    shortCode: makeShortCode(idBytes),
    issuedAt: now,
    expiresAt: claims.expiresAt,
    state: 'issued',
    stateAt: now,
  };
}

/** What can be read over a counter: 35 bits of the permit's id and a check character, `7K3M-9QXC`. */
export function makeShortCode(permitId: Uint8Array): string {
  const text = encodeBytes(createHash('sha256').update(permitId).digest()).slice(0, 7);
  return `${text.slice(0, 4)}-${text.slice(4)}${checkCharacter(text)}`;
}

/** The short code as it is stored, from what a person typed; null where a character is wrong. */
export function readShortCode(typed: string): string | null {
  const text = normalize(typed.replace(/[\s-]/g, ''));
  if (text === null || text.length !== 8 || checkCharacter(text.slice(0, 7)) !== text.slice(7)) return null;
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

export type PermitEvent =
  | 'sent'
  | 'printed'
  | 'processed'
  | 'unconfirmed'
  | 'undeliverable'
  | 'redeemed'
  | 'revoked'
  | 'expired';

const delivered = { printed: 'printed', processed: 'processed', redeemed: 'redeemed', revoked: 'revoked' } as const;
const underway = {
  ...delivered,
  unconfirmed: 'unconfirmed',
  undeliverable: 'undeliverable',
  expired: 'expired',
} as const;

const transitions: Readonly<Record<PermitState, Partial<Record<PermitEvent, PermitState>>>> = {
  issued: { ...underway, sent: 'sent' },
  sent: underway,
  // Staff may answer "it did come out", and a late confirmation may arrive.
  unconfirmed: { ...delivered, expired: 'expired' },
  undeliverable: { ...delivered, expired: 'expired' },
  processed: { printed: 'printed', redeemed: 'redeemed', revoked: 'revoked', expired: 'expired' },
  printed: { redeemed: 'redeemed', revoked: 'revoked', expired: 'expired' },
  redeemed: {},
  revoked: {},
  // Its money may still go back.
  expired: { revoked: 'revoked' },
};

/** The state after an event. Total: an event that does not belong to a state leaves it as it is. */
export const permitAfter = (state: PermitState, event: PermitEvent): PermitState => transitions[state][event] ?? state;
