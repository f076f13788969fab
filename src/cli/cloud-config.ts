import { hourMs, minuteMs } from '../base/clock.ts';
import type { PaymentAccount, PaymentAccounts } from '../payment/account.ts';
import { loopbackName } from './event-options.ts';
import { type Environment, paymentNames, readPaymentAccounts } from './payment-accounts.ts';

/** All that a cloud node is told at its start. */
export type CloudConfig = {
  /** Null: the embedded PostgreSQL in `dataFolder`. */
  readonly databaseUrl: string | null;
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | null;
  readonly trustProxy: boolean;
  readonly signal: 'local' | 'postgres';
  /** Events may go to this machine itself, by http too. */
  readonly eventsToLoopback: boolean;
  readonly accounts: PaymentAccounts;
  /** Milliseconds after midnight in Beijing; null: never by itself. */
  readonly reconcileAtMs: number | null;
};

type Options = { readonly [name in 'database' | 'data' | 'host' | 'port' | 'public-url']?: string | undefined };

export const testMoneyMeaning = 'yes: take the test money of a test account for money, and give fuel for it';

/** Every name that is read, with what it means; `forecourt cloud --help` prints it. */
export const environmentNames: Readonly<Record<string, string>> = {
  DATABASE_URL: 'PostgreSQL 15 to 18, or a Citus coordinator; without it the embedded PostgreSQL in --data',
  FORECOURT_HOST: 'address to listen on',
  FORECOURT_PORT: 'port to listen on',
  FORECOURT_PUBLIC_URL: 'where drivers and payment services reach this cloud, https in earnest',
  FORECOURT_TRUST_PROXY: 'yes: believe X-Forwarded-For of the proxy in front',
  FORECOURT_SIGNAL:
    'local or postgres: how nodes wake each other; default local on the embedded PostgreSQL, else postgres',
  FORECOURT_TEST_MONEY: testMoneyMeaning,
  [loopbackName]: 'yes: events may go to this machine itself, by http too; for trials only, never in earnest',
  FORECOURT_RECONCILE_AT: 'when yesterday is reconciled, by the clock of Beijing: default 10:30; never: only by hand',
  ...paymentNames,
};

/** The configuration, or every mistake in it at once. */
export function readCloudConfig(
  options: Options,
  environment: Environment,
): CloudConfig | { readonly mistakes: readonly string[] } {
  const mistakes: string[] = [];
  const databaseUrl = options.database ?? environment['DATABASE_URL'] ?? null;
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl))
    mistakes.push('DATABASE_URL is no postgres:// address');
  const port = readPort(options.port ?? environment['FORECOURT_PORT'] ?? '8080');
  if (port === null) mistakes.push('FORECOURT_PORT (--port) is no port from 0 to 65535');
  const publicUrl = options['public-url'] ?? environment['FORECOURT_PUBLIC_URL'] ?? null;
  const signal = environment['FORECOURT_SIGNAL'] ?? (databaseUrl === null ? 'local' : 'postgres');
  if (signal !== 'local' && signal !== 'postgres') mistakes.push('FORECOURT_SIGNAL must be local or postgres');
  const reconcileAtMs = readTimeOfDay(environment['FORECOURT_RECONCILE_AT'] ?? '10:30');
  if (reconcileAtMs === undefined) mistakes.push('FORECOURT_RECONCILE_AT must be a time such as 10:30, or never');
  const accounts = readPaymentAccounts(environment, mistakes);
  mistakes.push(...mistakesOfPublicUrl(publicUrl, accounts), ...mistakesOfTestMoney(environment, accounts));
  if (mistakes.length > 0 || port === null || reconcileAtMs === undefined) return { mistakes };
  return {
    databaseUrl,
    dataFolder: options.data ?? './data',
    host: options.host ?? environment['FORECOURT_HOST'] ?? '127.0.0.1',
    port,
    publicUrl,
    trustProxy: environment['FORECOURT_TRUST_PROXY'] === 'yes',
    signal: signal === 'local' ? 'local' : 'postgres',
    eventsToLoopback: environment[loopbackName] === 'yes',
    accounts,
    reconcileAtMs,
  };
}

/** What drivers and payment services could not come back to. Without accounts at real services there may be none, and http is enough. */
export function mistakesOfPublicUrl(publicUrl: string | null, { all }: PaymentAccounts): readonly string[] {
  if (publicUrl !== null && !isBareOrigin(publicUrl))
    return ['FORECOURT_PUBLIC_URL (--public-url) must be http(s)://host[:port] with nothing behind it'];
  return all.some(({ provider }) => !isOnThisMachine(provider.origin)) && !(publicUrl ?? '').startsWith('https://')
    ? ['FORECOURT_PUBLIC_URL (--public-url) must be an https address that payment services can reach']
    : [];
}

export const mistakesOfTestMoney = (environment: Environment, { all }: PaymentAccounts): readonly string[] =>
  environment['FORECOURT_TEST_MONEY'] === 'yes'
    ? []
    : all
        .filter(isTestMoney)
        .map(
          ({ provider }) =>
            `account ${provider.account} at ${provider.id} pays with test money: FORECOURT_TEST_MONEY=yes takes it`,
        );

/** `10:30` in milliseconds, null for `never`, undefined for what is neither. */
function readTimeOfDay(text: string): number | null | undefined {
  if (text === 'never') return null;
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * hourMs + Number(minutes) * minuteMs;
}

/** A simulated service calls us back on the machine itself; a real one needs an address on the internet. */
const isOnThisMachine = (origin: string): boolean =>
  ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(origin).hostname);

const isTestMoney = ({ provider }: PaymentAccount): boolean =>
  !provider.merchant.liveMode && !isOnThisMachine(provider.origin);

function readPort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  return port >= 0 && port <= 65_535 ? port : null;
}

function isBareOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}
