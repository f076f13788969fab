import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import pg from 'pg';

/** Rows as the driver gives them: int8 as number, timestamptz as milliseconds, jsonb parsed. */
export type Queries = {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
};

export type Transaction = Queries & { readonly inTransaction: true };

/** One pool of connections to one PostgreSQL (15 to 18) or Citus coordinator. */
export type Database = Queries & {
  /**
   * Commits when `work` resolves, rolls back when it throws. Never talk to the outside inside. Queries that are not awaited one by one go
   * out together and are answered in order.
   */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /** The queries of `work` all see the rows as they were at one moment, and change nothing. Those not awaited one by one go out together. */
  snapshot<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result>;
  /** Calls `heard` with each payload of NOTIFY on `channel`, over a connection of its own that comes back by itself. */
  listen(channel: string, heard: (payload: string) => void): Promise<{ stop(): Promise<void> }>;
  notify(channel: string, payload: string): Promise<void>;
  close(): Promise<void>;
};

export type DatabaseOptions = { readonly url: string; readonly connectionsMax?: number };

const statementTimeoutMs = 15_000;

/**
 * Every hot statement finds its rows by an index from a set of unknown size. Left to itself PostgreSQL plans each anew, since it guesses ten rows
 * for a set and finds fewer; and a plan made while a table was empty would read all of it. Planned once and by index instead.
 */
const plannerOptions = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off';

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connectionsMax ?? 10,
    types: { getTypeParser },
    // Queries are sent without waiting for the answers to those before them: a batch costs two or three round trips, not a dozen.
    pipeline: true,
    stream: () => new GatheringSocket(),
    options: plannerOptions,
    statement_timeout: statementTimeoutMs,
    application_name: 'forecourt',
  });
  // A connection that breaks while idle is replaced by the pool; the next query tells if the database is gone.
  pool.on('error', () => undefined);
  // One that breaks while it is lent out fails its queries; without a listener it would end the process as well.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    query: (text, values) => run(pool, text, values),
    transaction: (work) => transact(pool, work),
    snapshot: (work) => readSnapshot(pool, work),
    listen: (channel, heard) => listen(options.url, channel, heard),
    notify: async (channel, payload) => void (await run(pool, 'select pg_notify($1, $2)', [channel, payload])),
    close: () => pool.end(),
  };
}

/**
 * A socket that sends what is written in one turn of the event loop together. The driver holds the socket back while it writes the messages of a
 * statement; here it is let go only when the turn is over, so that pipelined statements cost one system call, not one each.
 */
class GatheringSocket extends Socket {
  override uncork(): void {
    process.nextTick(() => super.uncork());
  }
}

async function run<Row extends object>(
  connection: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  // What has no values may be several statements, as migrations are; those cannot be prepared.
  const statement = values.length === 0 ? { text } : { name: nameOf(text), text, values: [...values] };
  const result = await connection.query<Row>(statement);
  return result.rows;
}

async function transact<Result>(pool: pg.Pool, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // Sent together with the first queries of `work`, and answered before them.
    const begun = client.query(prepared('begin'));
    const [result] = await Promise.all([
      work({ inTransaction: true, query: (text, values) => run(client, text, values) }),
      begun,
    ]);
    const committed = await client.query(prepared('commit'));
    // PostgreSQL answers ROLLBACK to the commit of a transaction in which something failed.
    if (committed.command !== 'COMMIT') throw new Error(`a transaction ended with ${committed.command}`);
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

async function readSnapshot<Result>(pool: pg.Pool, work: (queries: Queries) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const begun = client.query(prepared('begin isolation level repeatable read read only'));
    const [result] = await Promise.all([work({ query: (text, values) => run(client, text, values) }), begun]);
    return result;
  } finally {
    await client.query(prepared('commit')).catch((error: Error) => {
      broken = error;
    });
    client.release(broken);
  }
}

const listenAgainMs = 1_000;

async function listen(
  url: string,
  channel: string,
  heard: (payload: string) => void,
): Promise<{ stop(): Promise<void> }> {
  let stopped = false;
  let client: pg.Client | undefined;
  let again: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({ connectionString: url, application_name: 'forecourt-listen' });
    fresh.on('notification', (message) => heard(message.payload ?? ''));
    fresh.on('error', connectLater);
    fresh.on('end', connectLater);
    await fresh.connect();
    await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
    client = fresh;
  }

  function connectLater(): void {
    if (stopped || again !== undefined) return;
    again = setTimeout(() => {
      again = undefined;
      connect().catch(connectLater);
    }, listenAgainMs);
  }

  await connect();
  return {
    async stop() {
      stopped = true;
      clearTimeout(again);
      await client?.end();
    },
  };
}

const prepared = (text: string): { readonly name: string; readonly text: string } => ({ name: nameOf(text), text });

/** Named statements are parsed and planned once a connection. */
const names = new Map<string, string>();
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = createHash('sha1').update(text).digest('hex');
  names.set(text, name);
  return name;
}

const typeInt8 = 20;
const typeTimestamptz = 1184;

function getTypeParser(type: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (type === typeInt8) return readInt8;
  if (type === typeTimestamptz)
    return (text) => Date.parse(`${text.replace(' ', 'T')}${/[+-]\d\d$/.test(text) ? ':00' : ''}`);
  return pg.types.getTypeParser(type, format);
}

function readInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`${text} is beyond a whole number that a double holds exactly`);
  return value;
}
