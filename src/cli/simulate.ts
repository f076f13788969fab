import { type SimulatedService, simulatorStarts, startPaymentSimulators } from '../simulator/payment-simulators.ts';
import type { RunningSimulator, SimulatorOptions } from '../simulator/service/simulation.ts';
import { type Command, type CommandInput, isSet, textOf, UsageError } from './command.ts';
import { untilToldToStop } from './until-told-to-stop.ts';

const timeScaleMax = 1_000_000;
const autoPayMsMax = 3_600_000;
const portMax = 65_535;

type Simulator = RunningSimulator<unknown, unknown>;

export const command: Command = {
  name: 'simulate',
  summary: 'runs a simulated payment service, or all of them and a desk to play them, with faults on demand',
  usage: `${Object.keys(simulatorStarts).join('|')}|payments [options]`,
  options: {
    port: {
      type: 'string',
      value: 'number',
      default: '0',
      help: 'listens on this port of 127.0.0.1 (payments: the desk, the services on the next ones); 0 takes a free one',
    },
    folder: { type: 'string', value: 'path', help: 'keeps keys and payments here between starts' },
    'time-scale': {
      type: 'string',
      value: 'number',
      default: '1',
      help: 'makes retries and refunds so many times faster',
    },
    'auto-pay-ms': { type: 'string', value: 'ms', help: 'pays each order by itself after so many milliseconds' },
    'webhook-url': {
      type: 'string',
      value: 'url',
      help: 'stripe, payments: where events go, as is said in its dashboard',
    },
    'bills-at-once': { type: 'boolean', help: "gives today's bill too, which the real services have tomorrow" },
    json: { type: 'boolean', help: 'prints addresses and credentials as one JSON object' },
  },
  examples: [
    'forecourt simulate payments --port 8480 --folder ./data/payments --webhook-url http://127.0.0.1:8080/v1/notifications/stripe',
    'forecourt simulate wechat-pay --auto-pay-ms 200 --time-scale 60 --json',
  ],
  exitCodes: { 0: 'stopped by SIGINT or SIGTERM', 1: 'a port could not be taken, or the folder not be made' },
  async run(input) {
    const [what = 'nothing', ...more] = input.positionals;
    const options = readOptions(input);
    const webhookUrl = readWebhookUrl(input);
    if ((what !== 'payments' && !isService(what)) || more.length > 0)
      throw new UsageError(
        `simulate what? ${Object.keys(simulatorStarts).join(', ')} or payments, not ${[what, ...more].join(' ')}`,
      );
    if (webhookUrl !== undefined && what !== 'payments' && what !== 'stripe')
      throw new UsageError(`--webhook-url is for stripe and payments: ${what} is told with each payment`);
    const running = await (what === 'payments' ? startAll(options, webhookUrl) : startOne(what, options, webhookUrl));
    process.stdout.write(isSet(input, 'json') ? `${JSON.stringify(running.told)}\n` : running.text);
    await untilToldToStop();
    await running.close();
    return 0;
  },
};

/** What runs: as JSON tells it, as people read it, and how it is stopped. */
type Running = { readonly told: object; readonly text: string; close(): Promise<void> };

const isService = (name: string): name is SimulatedService => Object.hasOwn(simulatorStarts, name);

async function startOne(
  name: SimulatedService,
  options: SimulatorOptions,
  webhookUrl: string | undefined,
): Promise<Running> {
  const simulator = name === 'stripe' ? await startStripe(options, webhookUrl) : await simulatorStarts[name](options);
  return { told: describe(simulator), text: introduce(simulator), close: () => simulator.close() };
}

async function startStripe(options: SimulatorOptions, webhookUrl: string | undefined): Promise<Simulator> {
  const simulator = await simulatorStarts.stripe(options);
  if (webhookUrl !== undefined) simulator.control.setWebhookUrl(webhookUrl);
  return simulator;
}

async function startAll(options: SimulatorOptions, webhookUrl: string | undefined): Promise<Running> {
  const all = await startPaymentSimulators(options);
  if (webhookUrl !== undefined) all.services.stripe.control.setWebhookUrl(webhookUrl);
  const named = Object.entries<Simulator>(all.services);
  return {
    told: { deskUrl: all.desk.url, services: Object.fromEntries(named.map(([name, one]) => [name, describe(one)])) },
    text: [line('desk of all payments', all.desk.url), ...named.map(([, one]) => introduce(one))].join('\n'),
    close: () => all.close(),
  };
}

function readOptions(input: CommandInput): SimulatorOptions {
  const folder = textOf(command, input, 'folder');
  const autoPayMs = textOf(command, input, 'auto-pay-ms');
  return {
    port: readPort(input),
    timeScale: readNumber(input, 'time-scale', 0.001, timeScaleMax),
    billsAtOnce: isSet(input, 'bills-at-once'),
    ...(folder === undefined ? {} : { folder }),
    ...(autoPayMs === undefined ? {} : { autoPay: { delayMs: readNumber(input, 'auto-pay-ms', 0, autoPayMsMax) } }),
  };
}

/** The other services are told with each payment where their notifications go; Stripe is told once. */
function readWebhookUrl(input: CommandInput): string | undefined {
  const text = textOf(command, input, 'webhook-url');
  if (text !== undefined && !(URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)))
    throw new UsageError(`--webhook-url is the address of a web server, not ${text}`);
  return text;
}

/** With room for the services behind the desk. */
function readPort(input: CommandInput): number {
  const port = readNumber(input, 'port', 0, portMax - Object.keys(simulatorStarts).length);
  if (!Number.isInteger(port)) throw new UsageError(`--port is a whole number, not ${port}`);
  return port;
}

function readNumber(input: CommandInput, name: string, least: number, most: number): number {
  const text = textOf(command, input, name) ?? '';
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= least && value <= most))
    throw new UsageError(`--${name} is a number from ${least} to ${most}, not ${text}`);
  return value;
}

const describe = (simulator: Simulator) => ({
  url: simulator.url,
  cashierUrl: simulator.cashierUrl,
  controlUrl: `${simulator.url}/_control/`,
  credentials: simulator.credentials,
});

const line = (name: string, value: string): string => `${name.padEnd(24)}${value}\n`;

const introduce = ({ url, cashierUrl, desk }: Simulator): string =>
  line(`${desk.name.en}, simulated`, url) +
  line('  cashier', cashierUrl) +
  line('  control', `${url}/_control/payments`) +
  line('  credentials', `${url}/_control/credentials`);
