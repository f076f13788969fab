import { systemClock } from '../base/clock.ts';
import { findDifference, insertExplanation } from '../payment/difference.sql.ts';
import type { Database } from '../database/database.ts';
import { type Command, isSet, requiredText, UsageError } from './command.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';

const charactersMax = 1_000;
const differencesMax = 100;

export const command: Command = {
  name: 'reconcile explain',
  summary: 'Explains differences, by whom and why. Nothing is erased: the explanation is added.',
  usage: 'DIFFERENCE [DIFFERENCE…] --by <name> --reason <text> [options]',
  options: {
    by: { type: 'string', value: 'name', help: 'who explains' },
    reason: { type: 'string', value: 'text', help: 'why it differs, and what was done about it' },
    json: { type: 'boolean', help: 'print one JSON object' },
    ...databaseOptions,
  },
  examples: [
    'forecourt reconcile explain D7K3M9QXC2AB4 --by "Wang Fang" --reason "paid in cash at the counter, ticket 881"',
  ],
  exitCodes: {
    0: 'all are explained',
    1: 'there is no such difference; the others are explained',
    [failureExitCode]: failureMeaning,
  },
  async run(input) {
    const ids = [...new Set(input.positionals.map((id) => id.toUpperCase()))];
    const isId = (id: string): boolean => /^D[0-9A-Z]{12}(-\d{1,9})?$/.test(id);
    if (ids.length === 0 || ids.length > differencesMax || !ids.every(isId))
      throw new UsageError(
        `name 1 to ${differencesMax} differences, such as D7K3M9QXC2AB4, as forecourt reconcile shows them`,
      );
    const by = readText('by', requiredText(command, input, 'by'));
    const reason = readText('reason', requiredText(command, input, 'reason'));
    return orFailure(command, input, async () => {
      const unknown = await withDatabase(command, input, (db) => explain(db, ids, by, reason));
      const explained = ids.filter((id) => !unknown.includes(id));
      if (isSet(input, 'json')) process.stdout.write(`${JSON.stringify({ explained, unknown })}\n`);
      else {
        process.stdout.write(explained.map((id) => `${id} is explained by ${by}: ${reason}\n`).join(''));
        process.stdout.write(unknown.map((id) => `${id}: there is no such difference\n`).join(''));
      }
      return unknown.length === 0 ? 0 : 1;
    });
  },
};

function readText(name: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > charactersMax || /\p{Cc}/u.test(trimmed))
    throw new UsageError(`--${name} must be a line of 1 to ${charactersMax} characters`);
  return trimmed;
}

/** Gives the ids that no difference has. */
async function explain(db: Database, ids: readonly string[], by: string, reason: string): Promise<readonly string[]> {
  const unknown: string[] = [];
  for (const id of ids) {
    const difference = await findDifference(db, id);
    if (difference === null) unknown.push(id);
    else await insertExplanation(db, difference, { at: systemClock(), by, reason });
  }
  return unknown;
}
