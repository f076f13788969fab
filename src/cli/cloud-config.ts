import { readFileSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { PaymentProvider } from '../payment/provider/provider.ts';
import { createWechatPay } from '../payment/provider/wechat-pay/wechat-pay.ts';

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
  readonly confirm: 'never' | 'always';
  readonly providers: readonly PaymentProvider[];
};

type Environment = Readonly<Record<string, string | undefined>>;
type Options = { readonly [name in 'database' | 'data' | 'host' | 'port' | 'public-url']?: string | undefined };

/** Every name that is read, with what it means; `forecourt cloud --help` prints it. */
export const environmentNames: Readonly<Record<string, string>> = {
  DATABASE_URL: 'PostgreSQL 15 to 18, or a Citus coordinator; without it the embedded PostgreSQL in --data',
  FORECOURT_HOST: 'address to listen on',
  FORECOURT_PORT: 'port to listen on',
  FORECOURT_PUBLIC_URL: 'where drivers and payment services reach this cloud, https in earnest',
  FORECOURT_TRUST_PROXY: 'yes: believe X-Forwarded-For of the proxy in front',
  FORECOURT_SIGNAL:
    'local or postgres: how nodes wake each other; default local on the embedded PostgreSQL, else postgres',
  FORECOURT_CONFIRM: 'never (default) or always: ask the payment service once more before a notification is believed',
  WECHAT_PAY_MERCHANT_ID: 'mchid',
  WECHAT_PAY_APP_ID: 'appid',
  WECHAT_PAY_MERCHANT_SERIAL: 'serial number of the merchant certificate',
  WECHAT_PAY_MERCHANT_KEY_FILE: "PEM file with the merchant's private key",
  WECHAT_PAY_API_V3_KEY_FILE: 'file with the 32 characters of the APIv3 key',
  WECHAT_PAY_PLATFORM_KEYS:
    "SERIAL=FILE,SERIAL=FILE: the service's public keys or certificates; the first is asked for",
  WECHAT_PAY_URL: 'default https://api.mch.weixin.qq.com',
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
  if (publicUrl !== null && !isBareOrigin(publicUrl))
    mistakes.push('FORECOURT_PUBLIC_URL (--public-url) must be http(s)://host[:port] with nothing behind it');
  const confirm = environment['FORECOURT_CONFIRM'] ?? 'never';
  if (confirm !== 'never' && confirm !== 'always') mistakes.push('FORECOURT_CONFIRM must be never or always');
  const signal = environment['FORECOURT_SIGNAL'] ?? (databaseUrl === null ? 'local' : 'postgres');
  if (signal !== 'local' && signal !== 'postgres') mistakes.push('FORECOURT_SIGNAL must be local or postgres');
  const providers = readWechatPay(environment, mistakes);
  if (
    providers.length > 0 &&
    environment['WECHAT_PAY_URL'] === undefined &&
    !(publicUrl ?? '').startsWith('https://')
  ) {
    mistakes.push('FORECOURT_PUBLIC_URL (--public-url) must be an https address that WeChat Pay can reach');
  }
  if (mistakes.length > 0 || port === null) return { mistakes };
  return {
    databaseUrl,
    dataFolder: options.data ?? './data',
    host: options.host ?? environment['FORECOURT_HOST'] ?? '127.0.0.1',
    port,
    publicUrl,
    trustProxy: environment['FORECOURT_TRUST_PROXY'] === 'yes',
    signal: signal === 'local' ? 'local' : 'postgres',
    confirm: confirm === 'always' ? 'always' : 'never',
    providers,
  };
}

function readPort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  return port >= 0 && port <= 65_535 ? port : null;
}

function isBareOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

const wechatPayNames = [
  'WECHAT_PAY_MERCHANT_ID',
  'WECHAT_PAY_APP_ID',
  'WECHAT_PAY_MERCHANT_SERIAL',
  'WECHAT_PAY_MERCHANT_KEY_FILE',
  'WECHAT_PAY_API_V3_KEY_FILE',
  'WECHAT_PAY_PLATFORM_KEYS',
] as const;

/** None of the names: no WeChat Pay. Some of them: the missing ones are mistakes. */
function readWechatPay(environment: Environment, mistakes: string[]): readonly PaymentProvider[] {
  const missing = wechatPayNames.filter((name) => (environment[name] ?? '') === '');
  if (missing.length === wechatPayNames.length) return [];
  if (missing.length > 0) {
    mistakes.push(...missing.map((name) => `${name} is missing (${environmentNames[name]})`));
    return [];
  }
  const text = (name: (typeof wechatPayNames)[number]): string => environment[name] ?? '';
  const platformKeys = readPlatformKeys(text('WECHAT_PAY_PLATFORM_KEYS'), mistakes);
  const merchantPrivateKey = readText('WECHAT_PAY_MERCHANT_KEY_FILE', text('WECHAT_PAY_MERCHANT_KEY_FILE'), mistakes);
  const apiV3Key = readText('WECHAT_PAY_API_V3_KEY_FILE', text('WECHAT_PAY_API_V3_KEY_FILE'), mistakes).trim();
  const [preferredSerial] = Object.keys(platformKeys);
  if (mistakes.length > 0 || preferredSerial === undefined) return [];
  try {
    return [
      createWechatPay({
        merchantId: text('WECHAT_PAY_MERCHANT_ID'),
        appId: text('WECHAT_PAY_APP_ID'),
        merchantSerial: text('WECHAT_PAY_MERCHANT_SERIAL'),
        merchantPrivateKey,
        apiV3Key,
        platformKeys,
        preferredSerial,
        baseUrl: environment['WECHAT_PAY_URL'] ?? 'https://api.mch.weixin.qq.com',
        fetch: globalThis.fetch,
        clock: systemClock,
        random: systemRandom,
      }),
    ];
  } catch (error) {
    mistakes.push(`WeChat Pay: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

function readPlatformKeys(text: string, mistakes: string[]): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [serial = '', file = ''] = part.split('=', 2).map((word) => word.trim());
    if (serial === '' || file === '') mistakes.push(`WECHAT_PAY_PLATFORM_KEYS: "${part}" is not SERIAL=FILE`);
    else keys[serial] = readText('WECHAT_PAY_PLATFORM_KEYS', file, mistakes);
  }
  return keys;
}

function readText(name: string, file: string, mistakes: string[]): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    mistakes.push(`${name}: ${file} cannot be read`);
    return '';
  }
}
