import { notificationPath, type PaymentAccount } from '../payment/account.ts';
import type { Health } from '../payment/provider/provider.ts';
import { type Command, isSet, textOf, UsageError } from './command.ts';
import { paymentNames, readPaymentAccounts } from './payment-accounts.ts';

export const command: Command = {
  name: 'payments check',
  summary:
    'Tells of each merchant account whether its keys parse, clocks agree and the service answers. Moves no money.',
  usage: '[options]',
  options: {
    'public-url': {
      type: 'string',
      value: 'url',
      help: 'where payment services reach the cloud (or FORECOURT_PUBLIC_URL)',
    },
    json: { type: 'boolean', help: 'print one JSON object' },
  },
  notes: [
    'Environment, as for `forecourt cloud`:',
    ...Object.entries(paymentNames).map(([name, meaning]) => `  ${name.padEnd(32)} ${meaning}`),
  ],
  examples: ['forecourt payments check', 'FORECOURT_PAYMENT_ACCOUNTS=accounts.json forecourt payments check --json'],
  exitCodes: { 0: 'every account can be paid through', 1: 'at least one cannot; it says why and what to do' },
  async run(input) {
    const mistakes: string[] = [];
    const { all } = readPaymentAccounts(process.env, mistakes);
    if (all.length + mistakes.length === 0)
      throw new UsageError('no account is configured; docs/payments.md says how to tell of one');
    const publicUrl = textOf(command, input, 'public-url') ?? process.env['FORECOURT_PUBLIC_URL'] ?? null;
    const reports = await Promise.all(all.map((account) => checkAccount(account, publicUrl)));
    const isGood = mistakes.length === 0 && reports.every(({ ok }) => ok);
    process.stdout.write(
      isSet(input, 'json')
        ? `${JSON.stringify({ ok: isGood, mistakes, accounts: reports })}\n`
        : [...mistakes.map((mistake) => `WRONG  ${mistake}\n`), ...reports.map(describe)].join(''),
    );
    return isGood ? 0 : 1;
  },
};

const checkMsMax = 8_000;
/** Payment services refuse calls and we refuse answers that are five minutes off; half of that is for a person to look at. */
const skewMsMax = 150_000;

type Report = {
  readonly service: string;
  readonly account: string;
  readonly merchantId: string;
  readonly stations: readonly number[] | 'all others';
  readonly live: boolean;
  readonly ok: boolean;
  readonly notificationUrl: string | null;
  readonly clockSkewMs: number | null;
  readonly findings: readonly string[];
};

async function checkAccount({ provider, stations }: PaymentAccount, publicUrl: string | null): Promise<Report> {
  const health = await provider.health({ signal: AbortSignal.timeout(checkMsMax), timeoutMs: checkMsMax });
  const findings = findingsOf(health, provider.origin);
  return {
    service: provider.id,
    account: provider.account,
    merchantId: provider.merchant.merchantId,
    stations: stations ?? 'all others',
    live: provider.merchant.liveMode,
    ok: health.ok && findings.length === 0,
    notificationUrl: publicUrl === null ? null : publicUrl + notificationPath(provider),
    clockSkewMs: health.clockSkewMs ?? null,
    findings: [...findings, ...(health.warnings ?? [])],
  };
}

function findingsOf({ ok, detail, clockSkewMs = 0 }: Health, origin: string): readonly string[] {
  const findings: string[] = [];
  if (!ok) findings.push(`${origin} does not take us: ${detail ?? 'no reason given'}`);
  if (Math.abs(clockSkewMs) > skewMsMax) {
    const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
    findings.push(
      `our clock is ${seconds} s ${clockSkewMs > 0 ? 'behind' : 'ahead of'} the service's: set it (chrony, systemd-timesyncd)`,
    );
  }
  return findings;
}

const stationsText = (stations: Report['stations']): string =>
  typeof stations === 'string' ? stations : stations.join(', ') || 'none: kept for what was paid through it before';

function describe(report: Report): string {
  const { service, account, merchantId, stations, ok, live, notificationUrl, clockSkewMs } = report;
  const lines = [
    `${ok ? 'GOOD ' : 'WRONG'}  ${service} / ${account}  merchant ${merchantId}${live ? '' : ', test mode'}`,
    `       stations: ${stationsText(stations)}`,
    ...(notificationUrl === null ? [] : [`       notifications: ${notificationUrl}`]),
    ...(clockSkewMs === null ? [] : [`       clocks: ${(clockSkewMs / 1000).toFixed(1)} s apart`]),
    ...report.findings.map((finding) => `       ! ${finding}`),
  ];
  return `${lines.join('\n')}\n`;
}
