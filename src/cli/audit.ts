import { type AuditLine, auditRows } from '../journey/audit.sql.ts';
import { type Command, isSet } from './command.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';

export const command: Command = {
  name: 'audit',
  summary: 'Checks the books: every invariant of the design against every row.',
  usage: '[options]',
  options: { ...databaseOptions, json: { type: 'boolean', help: 'print one JSON array' } },
  examples: ['forecourt audit', 'forecourt audit --database postgres://standby/forecourt --json'],
  exitCodes: {
    0: 'all invariants hold',
    1: 'at least one is broken; the ids are printed',
    [failureExitCode]: failureMeaning,
  },
  run: (input) =>
    orFailure(command, input, async () => {
      const lines = await withDatabase(command, input, auditRows);
      process.stdout.write(isSet(input, 'json') ? `${JSON.stringify(lines)}\n` : lines.map(describe).join(''));
      return lines.every(({ broken }) => broken.length === 0) ? 0 : 1;
    }),
};

const describe = ({ invariant, broken }: AuditLine): string =>
  `${broken.length === 0 ? 'holds ' : 'BROKEN'}  ${invariant}${broken.map((id) => `\n          ${id}`).join('')}\n`;
