import { stationNumberMax } from '../base/ids.ts';
import { enrolOnlyTerminal } from '../station/terminal.sql.ts';
import { findStations } from '../station/station.sql.ts';
import { readTerminalPublicKey, terminalIdOf } from '../terminal/terminal-key.ts';
import { type Command, isSet, requiredText, UsageError } from './command.ts';
import { databaseOptions, withDatabase } from './open-database.ts';
import { readWhole } from './read-option.ts';

export const command: Command = {
  name: 'terminals enrol',
  summary: "Enrols a station's terminal by the public key that it made itself.",
  usage: '--station NUMBER --key PUBLIC_KEY [options]',
  options: {
    station: { type: 'string', value: 'number', help: 'the station where it stands' },
    key: { type: 'string', value: 'key', help: 'its public key, from `forecourt terminal --show-key`' },
    replace: { type: 'boolean', help: "remove the station's other terminal and put this one in its place" },
    ...databaseOptions,
  },
  notes: [
    'A station has one terminal: two would each print every permit. Before you replace one, switch the old box off:',
    'it is let in no more a minute later at the latest, but a link that it has open stays until it breaks.',
    'The new one prints what nobody has taken yet; what the old one had and did not finish is reported as unconfirmed.',
  ],
  examples: [
    'forecourt terminals enrol --station 44012 --key q0Yl…',
    'forecourt terminals enrol --station 44012 --key 8fTn… --replace',
  ],
  exitCodes: { 0: 'enrolled', 1: 'the station is not known, or has another terminal and --replace was not given' },
  async run(input) {
    const stationNumber = readWhole('station', requiredText(command, input, 'station'), 1, stationNumberMax);
    const publicKey = requiredText(command, input, 'key');
    if (readTerminalPublicKey(publicKey) === null) throw new UsageError('--key is no Ed25519 public key in base64url');
    return withDatabase(command, input, async (db) => {
      const [station] = await findStations(db, [stationNumber], Date.now());
      if (station === undefined) {
        process.stderr.write(`station ${stationNumber} is not known\n`);
        return 1;
      }
      const terminalId = terminalIdOf(publicKey);
      const terminal = { terminalId, stationNumber, publicKeyRaw: Buffer.from(publicKey, 'base64url') };
      const replace = isSet(input, 'replace');
      const { enrolled, others } = await db.transaction((tx) => enrolOnlyTerminal(tx, terminal, { replace }));
      if (!enrolled) {
        process.stderr.write(
          `station ${stationNumber} has terminal ${others.join(', ')} already; --replace removes it and enrols this one\n`,
        );
        return 1;
      }
      for (const other of others) process.stdout.write(`terminal ${other} is removed\n`);
      process.stdout.write(`terminal ${terminalId} is enrolled for ${station.name} (${stationNumber})\n`);
      return 0;
    });
  },
};
