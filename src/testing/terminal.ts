import { generateKeyPairSync } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { Queries } from '../database/database.ts';
import { enrolTerminal } from '../station/terminal.sql.ts';
import { terminalIdOf } from '../terminal/terminal-key.ts';
import { signRequest } from '../terminal/terminal-signature.ts';

/** A terminal's key without its program: signs what a test wants to send. */
export type TestTerminal = {
  readonly terminalId: string;
  /** The headers that sign a call now, or at another time of the terminal's clock. */
  sign(method: 'GET' | 'POST', target: string, body?: string, now?: number): Record<string, string>;
};

/** A fresh terminal, enrolled for a station; null: for none. */
export async function makeTestTerminal(
  db: Queries,
  stationNumber: number | null,
  clock: Clock = systemClock,
): Promise<TestTerminal> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const terminalId = terminalIdOf(x);
  if (stationNumber !== null)
    await enrolTerminal(db, { terminalId, stationNumber, publicKeyRaw: Buffer.from(x, 'base64url') });
  return {
    terminalId,
    sign: (method, target, body, now = clock()) =>
      signRequest(
        { terminalId, privateKey },
        { method, target, ...(body === undefined ? {} : { body: Buffer.from(body) }) },
        now,
      ),
  };
}
