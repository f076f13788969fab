import { openPermitKeys } from '../permit/permit.sql.ts';
import { writeKeyList } from '../permit/permit-key-list.ts';
import type { Command } from './command.ts';
import { databaseOptions, withDatabase } from './open-database.ts';

export const command: Command = {
  name: 'permit keys',
  summary: 'Prints the public keys that permits are signed with, as the JSON file that gates need.',
  usage: '[options]',
  options: databaseOptions,
  examples: [
    'forecourt permit keys > permit-keys.json',
    'curl -s https://pay.example/v1/permit-keys > permit-keys.json',
  ],
  exitCodes: { 0: 'printed', 1: 'the database cannot be reached' },
  run: (input) =>
    withDatabase(command, input, async (db) => {
      process.stdout.write(`${JSON.stringify(writeKeyList(await openPermitKeys(db)), null, 2)}\n`);
      return 0;
    }),
};
