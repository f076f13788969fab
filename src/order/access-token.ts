import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Who holds an order's access token may read, pay and cancel it. It is derived from the order's id with a secret that all nodes share, so
 * nothing is stored, and a repeated request for the order gets the same one.
 */
export function makeAccessToken(secret: Uint8Array, orderId: string): string {
  return createHmac('sha256', secret).update(`order ${orderId}`).digest('base64url');
}

/** In constant time. */
export function isAccessToken(secret: Uint8Array, orderId: string, token: string): boolean {
  const expected = Buffer.from(makeAccessToken(secret, orderId));
  const given = Buffer.from(token);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
