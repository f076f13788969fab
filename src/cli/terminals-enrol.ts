import { enrolTerminal } from '../station/terminal.sql.ts';
import { findStations } from '../station/station.sql.ts';
import { readTerminalPublicKey, terminalIdOf } from '../terminal/terminal-key.ts';
import { type Command, requiredText, UsageError } from './command.ts';
import { databaseOptions, withDatabase } from './open-database.ts';

export const command: Command = {
  name: 'terminals enrol',
  summary: "Enrols a station's terminal by the public key that it made itself.",
  usage: '--station NUMBER --key PUBLIC_KEY [options]',
  options: {
    station: { type: 'string', value: 'number', help: 'the station where it stands' },
    key: { type: 'string', value: 'key', help: 'its public key, from `forecourt terminal --show-key`' },
    ...databaseOptions,
  },
  examples: ['forecourt terminals enrol --station 44012 --key q0Yl…'],
  exitCodes: { 0: 'enrolled', 1: 'the station is not known' },
  async run(input) {
    const stationNumber = Number(requiredText(command, input, 'station'));
    if (!Number.isInteger(stationNumber)) throw new UsageError('--station is no whole number');
    const publicKey = requiredText(command, input, 'key');
    if (readTerminalPublicKey(publicKey) === null) throw new UsageError('--key is no Ed25519 public key in base64url');
    return withDatabase(command, input, async (db) => {
      const [station] = await findStations(db, [stationNumber], Date.now());
      if (station === undefined) {
        process.stderr.write(`station ${stationNumber} is not known\n`);
        return 1;
      }
      const terminalId = terminalIdOf(publicKey);
      await enrolTerminal(db, { terminalId, stationNumber, publicKeyRaw: Buffer.from(publicKey, 'base64url') });
      process.stdout.write(`terminal ${terminalId} is enrolled for ${station.name} (${stationNumber})\n`);
      return 0;
    });
  },
};
