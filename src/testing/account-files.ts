import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WechatPaySimulator } from '../simulator/wechat-pay/simulator.ts';

export type Till = Pick<WechatPaySimulator, 'url' | 'credentials'>;

/** Lays the keys of the simulator's merchant into `folder`, as an operator does; gives the environment that tells of them. */
export async function writeWechatPayAccount(
  folder: string,
  { url, credentials }: Till,
): Promise<Record<string, string>> {
  const put = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const serials = [
    credentials.preferredSerial,
    ...Object.keys(credentials.platformKeys).filter((serial) => serial !== credentials.preferredSerial),
  ];
  const keys = await Promise.all(
    serials.map(
      async (serial, index) =>
        `${serial}=${await put(`platform-${index}.pem`, credentials.platformKeys[serial] ?? '')}`,
    ),
  );
  return {
    WECHAT_PAY_MERCHANT_ID: credentials.merchantId,
    WECHAT_PAY_APP_ID: credentials.appId,
    WECHAT_PAY_MERCHANT_SERIAL: credentials.merchantSerial,
    WECHAT_PAY_MERCHANT_KEY_FILE: await put('merchant.pem', credentials.merchantPrivateKey),
    WECHAT_PAY_API_V3_KEY_FILE: await put('api-v3-key', credentials.apiV3Key),
    WECHAT_PAY_PLATFORM_KEYS: keys.join(','),
    WECHAT_PAY_URL: url,
  };
}
