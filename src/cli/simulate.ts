import {
  startWechatPaySimulator,
  type WechatPaySimulator,
  type WechatPaySimulatorOptions,
} from '../simulator/wechat-pay/simulator.ts';
import { type Command, type CommandInput, isSet, textOf, UsageError } from './command.ts';
import { untilToldToStop } from './until-told-to-stop.ts';

const timeScaleMax = 1_000_000;
const autoPayMsMax = 3_600_000;

export const command: Command = {
  name: 'simulate',
  summary: 'runs a simulated payment service with a cashier page and faults on demand',
  usage: 'wechat-pay [options]',
  options: {
    port: {
      type: 'string',
      value: 'number',
      default: '0',
      help: 'listens on this port of 127.0.0.1; 0 takes a free one',
    },
    folder: { type: 'string', value: 'path', help: 'keeps keys and payments here between starts' },
    'time-scale': {
      type: 'string',
      value: 'number',
      default: '1',
      help: 'makes retries and refunds so many times faster',
    },
    'auto-pay-ms': { type: 'string', value: 'ms', help: 'pays each order by itself after so many milliseconds' },
    json: { type: 'boolean', help: "prints addresses and the merchant's credentials as one JSON object" },
  },
  examples: [
    'forecourt simulate wechat-pay --port 8480 --folder ./data/wechat-pay',
    'forecourt simulate wechat-pay --auto-pay-ms 200 --time-scale 60 --json',
  ],
  exitCodes: { 0: 'stopped by SIGINT or SIGTERM' },
  async run(input) {
    const [service, ...more] = input.positionals;
    if (service !== 'wechat-pay' || more.length > 0)
      throw new UsageError(`simulate what? wechat-pay, not ${input.positionals.join(' ') || 'nothing'}`);
    const simulator = await startWechatPaySimulator(readOptions(input));
    process.stdout.write(isSet(input, 'json') ? `${JSON.stringify(describe(simulator))}\n` : introduce(simulator));
    await untilToldToStop();
    await simulator.close();
    return 0;
  },
};

function readOptions(input: CommandInput): WechatPaySimulatorOptions {
  const folder = textOf(command, input, 'folder');
  const autoPayMs = textOf(command, input, 'auto-pay-ms');
  return {
    port: readNumber(input, 'port', 0, 65_535),
    timeScale: readNumber(input, 'time-scale', 0.001, timeScaleMax),
    ...(folder === undefined ? {} : { folder }),
    ...(autoPayMs === undefined ? {} : { autoPay: { delayMs: readNumber(input, 'auto-pay-ms', 0, autoPayMsMax) } }),
  };
}

function readNumber(input: CommandInput, name: string, least: number, most: number): number {
  const text = textOf(command, input, name) ?? '';
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= least && value <= most))
    throw new UsageError(`--${name} is a number from ${least} to ${most}, not ${text}`);
  return value;
}

const describe = (simulator: WechatPaySimulator) => ({
  url: simulator.url,
  cashierUrl: simulator.cashierUrl,
  controlUrl: `${simulator.url}/_control/`,
  credentials: simulator.credentials,
});

const introduce = (simulator: WechatPaySimulator): string =>
  [
    `WeChat Pay, simulated   ${simulator.url}`,
    `cashier                 ${simulator.cashierUrl}`,
    `control                 ${simulator.url}/_control/payments`,
    `merchant                ${simulator.credentials.merchantId}, app ${simulator.credentials.appId}`,
    `credentials             ${simulator.url}/_control/credentials`,
    '',
  ].join('\n');
