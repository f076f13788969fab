import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { createAccounts, type PaymentAccount, type PaymentAccounts } from '../payment/account.ts';
import { mainAccount } from '../payment/provider/provider.ts';
import { paymentServices } from '../payment/provider/registry.ts';
import type { PaymentService, Setting, SettingValues } from '../payment/provider/service.ts';

/**
 * Our accounts at payment services, as the operator tells of them: the one account of a chain in the environment, more of them (some for single
 * stations) in a file. Everything is read once at the start, keys too, and every mistake is reported, together.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

export const accountsFileName = 'FORECOURT_PAYMENT_ACCOUNTS';
export const confirmName = 'FORECOURT_CONFIRM';

/** `merchantId` of `wechat-pay` as the environment has it: `WECHAT_PAY_MERCHANT_ID`. */
export const environmentName = (service: PaymentService, setting: string): string =>
  `${service.id.replaceAll('-', '_')}_${setting.replace(/([a-z0-9])([A-Z])/g, '$1_$2')}`.toUpperCase();

/** Every name that is read, with what it means. */
export const paymentNames: Readonly<Record<string, string>> = Object.fromEntries([
  [confirmName, 'never (default) or always: ask the payment service once more before a notification is believed'],
  [accountsFileName, 'JSON file with further accounts: docs/payments.md'],
  ...paymentServices.flatMap((service) =>
    Object.entries(service.settings).map(([name, setting]) => {
      const file = { text: '', secret: '_FILE', keys: '' }[setting.kind];
      const form = setting.kind === 'keys' ? 'NAME=FILE,NAME=FILE: ' : '';
      const fallback = setting.fallback ? ` (default ${setting.fallback})` : '';
      return [`${environmentName(service, name)}${file}`, `${form}${setting.help}${fallback}`];
    }),
  ),
]);

/** All accounts that are told of; what is wrong is added to `mistakes`, in sentences that name the setting and never its secret. */
export function readPaymentAccounts(environment: Environment, mistakes: string[]): PaymentAccounts {
  const confirm = readConfirm(environment, mistakes);
  const accounts = [
    ...paymentServices.flatMap((service) => readFromEnvironment(service, environment, confirm, mistakes)),
    ...readFromFile(environment, confirm, mistakes),
  ];
  try {
    return createAccounts(accounts);
  } catch (error) {
    mistakes.push(messageOf(error));
    return createAccounts([]);
  }
}

type Confirm = PaymentAccount['confirm'];

function readConfirm(environment: Environment, mistakes: string[]): Confirm {
  const confirm = environment[confirmName] ?? 'never';
  if (confirm !== 'never' && confirm !== 'always') mistakes.push(`${confirmName} must be never or always`);
  return confirm === 'always' ? 'always' : 'never';
}

/** None of the names that must be given: no account there. Some of them: the missing ones are mistakes. */
function readFromEnvironment(
  service: PaymentService,
  environment: Environment,
  confirm: Confirm,
  mistakes: string[],
): readonly PaymentAccount[] {
  const given = new Map(
    Object.entries(service.settings).map(([name, setting]) => [
      name,
      readVariable(environmentName(service, name), setting, environment, mistakes),
    ]),
  );
  const needed = Object.entries(service.settings).filter(([, setting]) => setting.fallback === undefined);
  if (needed.every(([name]) => given.get(name) === null)) return [];
  const nameOf = (name: string): string => environmentName(service, name);
  const opened = open(service, mainAccount, given, nameOf, mistakes);
  return opened === null ? [] : [{ provider: opened, stations: null, confirm }];
}

type Given = string | Readonly<Record<string, string>>;

/** What one variable says; null where there is none. A secret may stand in the variable itself or in the file that `…_FILE` names. */
function readVariable(name: string, setting: Setting, environment: Environment, mistakes: string[]): Given | null {
  const text = (environment[name] ?? '').trim();
  if (setting.kind === 'keys') return text === '' ? null : readKeyFiles(name, text, mistakes);
  if (text !== '') return text;
  const file = setting.kind === 'secret' ? (environment[`${name}_FILE`] ?? '') : '';
  return file === '' ? null : readText(`${name}_FILE`, file, mistakes);
}

function readKeyFiles(name: string, text: string, mistakes: string[]): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [key = '', file = ''] = part.split('=', 2).map((word) => word.trim());
    if (key === '' || file === '') mistakes.push(`${name}: "${part}" is not NAME=FILE`);
    else keys[key] = readText(name, file, mistakes);
  }
  return keys;
}

/** Where one text comes from: as it stands, from a file, or from the environment. */
const sourceMessage = z.union([
  z.string().transform((text) => ({ from: 'here', text }) as const),
  z.strictObject({ file: z.string().min(1) }).transform(({ file }) => ({ from: 'file', file }) as const),
  z.strictObject({ env: z.string().min(1) }).transform(({ env }) => ({ from: 'env', env }) as const),
]);
const settingMessage = z.union([
  sourceMessage,
  z.record(z.string(), sourceMessage).transform((sources) => ({ from: 'keys', sources }) as const),
]);

const accountsMessage = z
  .array(
    z.strictObject({
      service: z.string(),
      account: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be small letters, digits and hyphens'),
      stations: z.array(z.int().positive()).max(100_000).optional(),
      confirm: z.enum(['never', 'always']).optional(),
      settings: z.record(z.string(), settingMessage),
    }),
  )
  .max(10_000);

type AccountMessage = z.infer<typeof accountsMessage>[number];

function readFromFile(environment: Environment, confirm: Confirm, mistakes: string[]): readonly PaymentAccount[] {
  const file = environment[accountsFileName];
  if (file === undefined || file === '') return [];
  const text = readText(accountsFileName, file, mistakes);
  if (text === '') return [];
  const parsed = accountsMessage.safeParse(parseJson(text));
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      mistakes.push(`${accountsFileName}: ${issue.path.join('.') || file}: ${issue.message}`);
    return [];
  }
  return parsed.data.flatMap((one) => openAccount(one, environment, confirm, mistakes));
}

function openAccount(
  message: AccountMessage,
  environment: Environment,
  confirm: Confirm,
  mistakes: string[],
): readonly PaymentAccount[] {
  const whose = `account ${message.account} at ${message.service}`;
  const service = paymentServices.find(({ id }) => id === message.service);
  if (service === undefined) {
    mistakes.push(
      `${whose}: there is no such payment service; there are ${paymentServices.map(({ id }) => id).join(', ')}`,
    );
    return [];
  }
  const unknown = Object.keys(message.settings).filter((name) => !Object.hasOwn(service.settings, name));
  for (const name of unknown) mistakes.push(`${whose}: it has no setting ${name}`);
  const nameOf = (name: string): string => `${whose}: ${name}`;
  const given = new Map(
    Object.keys(service.settings).map((name) => [
      name,
      resolve(nameOf(name), message.settings[name], environment, mistakes),
    ]),
  );
  const provider = open(service, message.account, given, nameOf, mistakes);
  if (provider === null) return [];
  return [{ provider, stations: message.stations ?? null, confirm: message.confirm ?? confirm }];
}

function resolve(
  name: string,
  message: z.infer<typeof settingMessage> | undefined,
  environment: Environment,
  mistakes: string[],
): Given | null {
  if (message === undefined) return null;
  const textOf = (source: z.infer<typeof sourceMessage>, whose: string): string => {
    if (source.from === 'here') return source.text;
    if (source.from === 'file') return readText(whose, source.file, mistakes);
    const text = environment[source.env] ?? '';
    if (text === '') mistakes.push(`${whose}: there is no ${source.env} in the environment`);
    return text;
  };
  if (message.from !== 'keys') return textOf(message, name);
  return Object.fromEntries(
    Object.entries(message.sources).map(([key, source]) => [key, textOf(source, `${name}.${key}`)]),
  );
}

/** The account, opened with every key parsed; null where something is missing or wrong. */
function open(
  service: PaymentService,
  account: string,
  given: ReadonlyMap<string, Given | null>,
  nameOf: (setting: string) => string,
  mistakes: string[],
): PaymentAccount['provider'] | null {
  const before = mistakes.length;
  const texts: Record<string, string> = {};
  const keys: Record<string, Readonly<Record<string, string>>> = {};
  for (const [name, setting] of Object.entries(service.settings)) {
    const value = given.get(name) ?? setting.fallback ?? null;
    if (value === null || value === '') {
      if (setting.fallback === undefined) mistakes.push(`${nameOf(name)} is missing (${setting.help})`);
    } else if (typeof value === 'string' && setting.kind !== 'keys') texts[name] = value;
    else if (typeof value !== 'string' && setting.kind === 'keys') keys[name] = value;
    else mistakes.push(`${nameOf(name)} must be ${setting.kind === 'keys' ? 'keys by name' : 'one text'}`);
  }
  return mistakes.length > before ? null : openWith(service, account, { texts, keys }, mistakes);
}

function openWith(
  service: PaymentService,
  account: string,
  values: SettingValues,
  mistakes: string[],
): PaymentAccount['provider'] | null {
  try {
    return service.open(values, { account, fetch: globalThis.fetch, clock: systemClock, random: systemRandom });
  } catch (error) {
    mistakes.push(`account ${account} at ${service.id}: ${messageOf(error)}`);
    return null;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return 'no JSON';
  }
}

function readText(name: string, file: string, mistakes: string[]): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    mistakes.push(`${name}: ${file} cannot be read`);
    return '';
  }
}
