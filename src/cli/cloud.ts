import { join } from 'node:path';
import { pino } from 'pino';
import { startCloud } from '../api/cloud.ts';
import { startEmbeddedPostgres } from '../database/embedded-postgres.ts';
import { type Command, type CommandInput, textOf, UsageError } from './command.ts';
import { environmentNames, readCloudConfig } from './cloud-config.ts';
import { untilToldToStop } from './until-told-to-stop.ts';

export const command: Command = {
  name: 'cloud',
  summary: 'Runs one node of the cloud: API, pages, orders, payments, permits.',
  usage: '[options]',
  options: {
    database: { type: 'string', value: 'url', help: 'PostgreSQL to use (or DATABASE_URL)' },
    data: { type: 'string', value: 'folder', help: 'folder of the embedded PostgreSQL', default: './data' },
    host: { type: 'string', value: 'address', help: 'address to listen on (or FORECOURT_HOST; default 127.0.0.1)' },
    port: { type: 'string', value: 'port', help: 'port to listen on (or FORECOURT_PORT; default 8080)' },
    'public-url': {
      type: 'string',
      value: 'url',
      help: 'where drivers and payment services reach it (or FORECOURT_PUBLIC_URL)',
    },
  },
  notes: [
    'Environment:',
    ...Object.entries(environmentNames).map(([name, meaning]) => `  ${name.padEnd(32)} ${meaning}`),
  ],
  examples: [
    'forecourt cloud',
    'DATABASE_URL=postgres://forecourt@db/forecourt forecourt cloud --host 0.0.0.0 --public-url https://pay.example',
  ],
  exitCodes: { 0: 'told to stop', 1: 'could not start' },
  run,
};

async function run(input: CommandInput): Promise<number> {
  const text = (name: string): string | undefined => textOf(command, input, name);
  const config = readCloudConfig(
    {
      database: text('database'),
      data: text('data'),
      host: text('host'),
      port: text('port'),
      'public-url': text('public-url'),
    },
    process.env,
  );
  if ('mistakes' in config)
    throw new UsageError(`the configuration is wrong:\n${config.mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const postgres =
    config.databaseUrl === null
      ? await startEmbeddedPostgres({
          folder: join(config.dataFolder, 'postgres'),
          notice: (sentence) => log.error(sentence),
        })
      : null;
  try {
    const { publicUrl, ...rest } = config;
    const databaseUrl = config.databaseUrl ?? postgres?.url ?? '';
    const cloud = await startCloud({ ...rest, databaseUrl, ...(publicUrl === null ? {} : { publicUrl }), log });
    await untilToldToStop();
    await cloud.stop();
  } finally {
    await postgres?.stop();
  }
  return 0;
}
