import { notificationPath, type PaymentAccount } from '../payment/account.ts';
import type { Health, PaymentProvider, ProviderErrorKind } from '../payment/provider/provider.ts';
import { paymentServices } from '../payment/provider/registry.ts';
import type { Setting } from '../payment/provider/service.ts';
import { mistakesOfPublicUrl, mistakesOfTestMoney, testMoneyMeaning } from './cloud-config.ts';
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
    ...Object.entries({ FORECOURT_TEST_MONEY: testMoneyMeaning, ...paymentNames }).map(
      ([name, meaning]) => `  ${name.padEnd(32)} ${meaning}`,
    ),
  ],
  examples: ['forecourt payments check', 'FORECOURT_PAYMENT_ACCOUNTS=accounts.json forecourt payments check --json'],
  exitCodes: { 0: 'every account can be paid through', 1: 'at least one cannot; it says why and what to do' },
  async run(input) {
    const mistakes: string[] = [];
    const accounts = readPaymentAccounts(process.env, mistakes);
    const { all } = accounts;
    if (all.length + mistakes.length === 0)
      throw new UsageError('no account is configured; docs/payments.md says how to tell of one');
    const publicUrl = textOf(command, input, 'public-url') ?? process.env['FORECOURT_PUBLIC_URL'] ?? null;
    const wrongUrl = publicUrl === null ? [] : mistakesOfPublicUrl(publicUrl, accounts);
    mistakes.push(...wrongUrl, ...mistakesOfTestMoney(process.env, accounts));
    const calledAt = wrongUrl.length === 0 ? publicUrl : null;
    const reports = await Promise.all(all.map((account) => checkAccount(account, calledAt)));
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
  readonly apiVersion: string | null;
  readonly notChecked: readonly string[];
  readonly findings: readonly string[];
};

async function checkAccount({ provider, stations }: PaymentAccount, publicUrl: string | null): Promise<Report> {
  const health = await provider.health({ signal: AbortSignal.timeout(checkMsMax), timeoutMs: checkMsMax });
  const findings = findingsOf(health, provider);
  return {
    service: provider.id,
    account: provider.account,
    merchantId: provider.merchant.merchantId,
    stations: stations ?? 'all others',
    live: provider.merchant.liveMode,
    ok: health.ok && findings.length === 0,
    notificationUrl: publicUrl === null ? null : publicUrl + notificationPath(provider),
    clockSkewMs: health.clockSkewMs ?? null,
    apiVersion: health.apiVersion ?? null,
    notChecked: notCheckedOf(provider),
    findings: [...findings, ...(health.warnings ?? [])],
  };
}

const settingsOf = ({ id }: PaymentProvider): readonly (readonly [string, Setting])[] =>
  Object.entries(paymentServices.find((service) => service.id === id)?.settings ?? {});

/** What only a notification, a sign-in or a payment shows. */
const notCheckedOf = (provider: PaymentProvider): readonly string[] => [
  ...settingsOf(provider).flatMap(([, { shownByPayment }]) => shownByPayment ?? []),
  ...(provider.signIn === undefined ? [] : ["the sign-in's secret (appSecret)"]),
];

function findingsOf({ ok, detail, kind, clockSkewMs = 0 }: Health, provider: PaymentProvider): readonly string[] {
  const findings: string[] = [];
  if (!ok) findings.push(`${provider.origin} does not take us: ${detail ?? 'no reason given'}`);
  const advice = kind === undefined ? null : adviceOn(kind, provider);
  if (advice !== null) findings.push(advice);
  if (Math.abs(clockSkewMs) > skewMsMax) {
    const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
    findings.push(
      `our clock is ${seconds} s ${clockSkewMs > 0 ? 'behind' : 'ahead of'} the service's: set it (chrony, systemd-timesyncd)`,
    );
  }
  return findings;
}

/** What to do about a call that failed; null where the service's own words say it better. */
function adviceOn(kind: ProviderErrorKind, provider: PaymentProvider): string | null {
  switch (kind) {
    case 'auth': {
      const names = settingsOf(provider).flatMap(([name, { isShownByCalls }]) => (isShownByCalls ? name : []));
      return `do ${names.join(', ')} belong together, as the service has them now, and is this machine's clock right?`;
    }
    case 'unreachable':
      return `nothing was sent: is this machine's network up, does a firewall or proxy stand between, and is url right?`;
    case 'unknown':
      return `no answer to believe came: who answers at ${provider.origin}? A proxy, or another server that url names`;
    case 'rate_limited':
      return 'the service was asked too often: try again in a minute';
    case 'declined':
    case 'rejected':
    case 'integrity':
      return null;
  }
}

const stationsText = (stations: Report['stations']): string =>
  typeof stations === 'string' ? stations : stations.join(', ') || 'none: kept for what was paid through it before';

function describe(report: Report): string {
  const { service, account, merchantId, stations, ok, live, notificationUrl, clockSkewMs, apiVersion, notChecked } =
    report;
  const lines = [
    `${ok ? 'GOOD ' : 'WRONG'}  ${service} / ${account}  merchant ${merchantId}${live ? '' : ', test mode'}`,
    `       stations: ${stationsText(stations)}`,
    ...(notificationUrl === null ? [] : [`       notifications: ${notificationUrl}`]),
    ...(clockSkewMs === null ? [] : [`       clocks: ${(Math.abs(clockSkewMs) / 1000).toFixed(1)} s apart`]),
    ...(apiVersion === null ? [] : [`       API version: ${apiVersion}`]),
    `       not checked before the first payment: ${notChecked.join('; ')}`,
    ...report.findings.map((finding) => `       ! ${finding}`),
  ];
  return `${lines.join('\n')}\n`;
}
