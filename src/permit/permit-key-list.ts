import { z } from 'zod';
import type { PermitPublicKey } from './permit-token.ts';

/** The public key file: what a gate needs to know a permit when the internet is cut. */
export const permitKeyListMessage = z.object({
  keys: z
    .array(
      z.object({
        keyId: z.int().min(1).max(255),
        algorithm: z.literal('Ed25519'),
        publicKey: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(64),
});

export type PermitKeyList = z.infer<typeof permitKeyListMessage>;

export const writeKeyList = (keys: readonly PermitPublicKey[]): PermitKeyList => ({
  keys: keys.map((key) => ({
    keyId: key.keyId,
    algorithm: 'Ed25519',
    publicKey: Buffer.from(key.publicKeyRaw).toString('hex'),
  })),
});

export const readKeyList = (list: PermitKeyList): readonly PermitPublicKey[] =>
  list.keys.map((key) => ({ keyId: key.keyId, publicKeyRaw: Buffer.from(key.publicKey, 'hex') }));
