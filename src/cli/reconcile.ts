import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { Database } from '../database/database.ts';
import type { Alarm } from '../journey/alarm.ts';
import { openJourney } from '../journey/journey.ts';
import { accountsWithBills, reconcileDay, type ReconciledDay } from '../journey/reconcile-day.ts';
import { openLocalSignal } from '../journey/signal.ts';
import type { PaymentAccounts } from '../payment/account.ts';
import { billDay } from '../payment/bill-day.ts';
import type { PaymentProvider } from '../payment/provider/provider.ts';
import { findPaidOwners } from '../payment/reconciliation.sql.ts';
import { type Command, type CommandInput, isSet, textOf, UsageError } from './command.ts';
import { databaseOptions, failureExitCode, orFailure, withDatabase } from './open-database.ts';
import { readPaymentAccounts } from './payment-accounts.ts';
import { readDay } from './read-option.ts';
import { countOpen, showDays } from './reconcile-show.ts';

export const command: Command = {
  name: 'reconcile',
  summary: "Sets a day against the payment services' bills, and money, permits and paper against each other.",
  usage: 'DATE [options]',
  options: {
    provider: { type: 'string', value: 'service', help: 'only the accounts at this service, for example wechat-pay' },
    account: { type: 'string', value: 'name', help: 'only the accounts of this name' },
    json: { type: 'boolean', help: 'print one JSON object' },
    csv: { type: 'boolean', help: 'print the differences as CSV' },
    ...databaseOptions,
  },
  notes: [
    'The accounts are those of `forecourt cloud`, from the same environment. A day is a day of the service: Beijing at WeChat Pay and Alipay, UTC at',
    'Stripe; bills are made until 10:30 of the next day. docs/reconciliation.md tells what to do about each kind of difference.',
  ],
  examples: [
    'forecourt reconcile 2026-11-21',
    'forecourt reconcile 2026-11-21 --provider wechat-pay --csv > differences.csv',
  ],
  exitCodes: {
    0: 'nothing differs, or a person has explained what does',
    1: 'at least one difference is unexplained',
    [failureExitCode]:
      'a bill could not be read, an account could not be opened, or the database failed; all others were reconciled',
  },
  async run(input) {
    const [day, ...rest] = input.positionals;
    if (day === undefined || rest.length > 0) throw new UsageError('name one day such as 2026-11-21');
    if (isSet(input, 'json') && isSet(input, 'csv')) throw new UsageError('--json and --csv exclude each other');
    const wanted = { day: readDay('the day', day), ...readAccounts(input) };
    if (wanted.chosen.length > 0 && wanted.chosen.every((provider) => !hasBegun(provider, wanted.day)))
      throw new UsageError(`the day ${day} has not begun yet, so that there is nothing to reconcile`);
    return orFailure(command, input, () => withDatabase(command, input, (db) => reconcileAll(db, wanted, input)));
  },
};

type Wanted = {
  readonly day: string;
  readonly accounts: PaymentAccounts;
  readonly chosen: readonly PaymentProvider[];
  readonly isAll: boolean;
  /** Accounts that could not be opened, in sentences. */
  readonly mistakes: readonly string[];
};

function readAccounts(input: CommandInput): Omit<Wanted, 'day'> {
  const mistakes: string[] = [];
  const accounts = readPaymentAccounts(process.env, mistakes);
  const service = textOf(command, input, 'provider');
  const account = textOf(command, input, 'account');
  const isChosen = ({ id, account: name }: PaymentProvider): boolean =>
    (service === undefined || service === id) && (account === undefined || account === name);
  const all = accounts.all.map(({ provider }) => provider);
  const chosen = all.filter(isChosen);
  if (chosen.length + mistakes.length === 0) {
    const names = all.map((one) => `${one.account} at ${one.id}`).join(', ');
    throw new UsageError(
      names === ''
        ? 'no account is configured; docs/payments.md says how'
        : `there is no such account; there are ${names}`,
    );
  }
  return { accounts, chosen, isAll: service === undefined && account === undefined, mistakes };
}

/** By the service's calendar: a day of UTC begins eight hours after that of Beijing. */
const hasBegun = ({ capabilities }: PaymentProvider, day: string): boolean =>
  systemClock() >= billDay(day, capabilities.billDayOffsetMs ?? 0).startsAt;

async function reconcileAll(db: Database, wanted: Wanted, input: CommandInput): Promise<number> {
  const signal = openLocalSignal();
  const journey = await openJourney({
    db,
    accounts: wanted.accounts,
    signal,
    now: systemClock,
    random: systemRandom,
    alarm: tellAlarm,
    publicUrl: () => 'http://localhost',
  });
  const days: ReconciledDay[] = [];
  const withBills = accountsWithBills(wanted.chosen);
  const begun = withBills.filter((provider) => hasBegun(provider, wanted.day));
  const early = withBills.filter((provider) => !begun.includes(provider));
  try {
    const world = { db, settle: journey.settlePayment, now: systemClock, alarm: tellAlarm };
    for (const provider of begun) days.push(await reconcileDay(world, provider, wanted.day));
  } finally {
    await journey.stop();
    await signal.close();
  }
  const failures = [
    ...wanted.mistakes,
    ...early.map(
      ({ account, id }) => `account ${account} at ${id}: the day has not begun there yet; run it again when it has`,
    ),
    ...days.flatMap(({ failure, provider, account }) =>
      failure === null ? [] : `account ${account} at ${provider}: ${failure}`,
    ),
    ...(wanted.isAll ? await findOrphans(db, wanted) : []),
  ];
  const form = isSet(input, 'csv') ? 'csv' : isSet(input, 'json') ? 'json' : 'text';
  await showDays(db, { day: wanted.day, days, failures }, form);
  for (const failure of failures) process.stderr.write(`forecourt reconcile: ${failure}\n`);
  if (failures.length > 0) return failureExitCode;
  return countOpen(days) > 0 ? 1 : 0;
}

/** What this command itself tells is no alarm of its own; the judge's alarms are heard here like in the cloud. */
const tellAlarm: Alarm = (name, detail) => {
  if (!name.startsWith('reconciliation_')) process.stderr.write(`alarm: ${name} ${JSON.stringify(detail)}\n`);
};

/** Money of the day that we hold through a merchant whose account nobody opens: its bill is read by nobody. */
async function findOrphans(db: Database, { day, accounts }: Wanted): Promise<readonly string[]> {
  const { startsAt, endsAt } = billDay(day, 0);
  const known = new Set(accounts.all.map(({ provider: { id, merchant } }) => `${id} ${merchant.merchantId}`));
  const owners = await findPaidOwners(db, { from: startsAt, until: endsAt });
  return owners
    .filter(({ provider, merchantId }) => !known.has(`${provider} ${merchantId}`))
    .map(
      ({ provider, merchantId, paymentCount }) =>
        `${paymentCount} payments of ${day} came through merchant ${merchantId} at ${provider}, which no configured account is; give its account and run it again`,
    );
}
