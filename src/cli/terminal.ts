import pino from 'pino';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { PrinterCharset } from '../device/printer/compose-receipt.ts';
import { createTcpPrinter } from '../device/printer/tcp-printer.ts';
import { openTerminalKey } from '../terminal/terminal-key.ts';
import { startTerminal } from '../terminal/terminal.ts';
import { type Command, type CommandInput, isSet, textOf, UsageError } from './command.ts';
import { untilToldToStop } from './until-told-to-stop.ts';

const columnsAllowed = [32, 42, 48] as const;
type Columns = (typeof columnsAllowed)[number];

export const command: Command = {
  name: 'terminal',
  summary: "The station's program: prints the permits that the cloud sends.",
  usage: '--cloud URL --printer HOST:PORT [options]',
  options: {
    cloud: { type: 'string', value: 'url', help: 'address of the cloud: https://…, or http:// on this machine' },
    printer: {
      type: 'string',
      value: 'host:port',
      help: 'receipt printer that speaks ESC/POS over TCP, usually port 9100',
    },
    columns: { type: 'string', value: '32|42|48', default: '48', help: 'characters in a line of the printer' },
    encoding: {
      type: 'string',
      value: 'gb18030|multilingual',
      default: 'gb18030',
      help: 'Chinese printers, or western ones without Chinese letters',
    },
    data: {
      type: 'string',
      value: 'folder',
      default: './terminal',
      help: 'folder of key and journal, kept between starts',
    },
    'show-key': { type: 'boolean', help: 'print the id and the public key to enrol at the cloud, and end' },
    json: { type: 'boolean', help: 'with --show-key: print one JSON object' },
  },
  examples: [
    'forecourt terminal --show-key --data /var/lib/forecourt',
    'forecourt terminal --cloud https://pay.example.com --printer 192.168.1.40:9100 --columns 48 --data /var/lib/forecourt',
  ],
  exitCodes: { 0: 'ended by SIGINT or SIGTERM, or the key was shown', 1: 'could not start; the reason is printed' },
  async run(input) {
    const folder = textOf(command, input, 'data') ?? './terminal';
    return isSet(input, 'show-key') ? showKey(folder, isSet(input, 'json')) : runTerminal(folder, readSettings(input));
  },
};

async function showKey(folder: string, asJson: boolean): Promise<number> {
  const { terminalId, publicKey } = await openTerminalKey(folder);
  process.stdout.write(
    asJson ? `${JSON.stringify({ terminalId, publicKey })}\n` : `terminal    ${terminalId}\npublic key  ${publicKey}\n`,
  );
  return 0;
}

async function runTerminal(folder: string, settings: TerminalSettings): Promise<number> {
  const { cloudUrl, host, port, columns, encoding } = settings;
  const log = pino({ name: 'forecourt-terminal' });
  const device = createTcpPrinter({
    id: `printer-${host}:${port}`.slice(0, 64),
    host,
    port,
    columns,
    encoding,
    clock: systemClock,
  });
  const terminal = await startTerminal({
    folder,
    cloudUrl,
    device,
    clock: systemClock,
    random: systemRandom,
    fetch,
    log,
  });
  log.info(
    { terminalId: terminal.terminalId, publicKey: terminal.publicKey, cloud: cloudUrl.href },
    'terminal started',
  );
  await untilToldToStop();
  log.info({}, 'terminal ends when the slip at the printer is done');
  await terminal.stop();
  await device.close();
  return 0;
}

type TerminalSettings = {
  readonly cloudUrl: URL;
  readonly host: string;
  readonly port: number;
  readonly columns: Columns;
  readonly encoding: PrinterCharset;
};

/** All settings at once; throws `UsageError` that names every mistake. */
export function readSettings(input: CommandInput): TerminalSettings {
  const cloudUrl = readCloudUrl(textOf(command, input, 'cloud'));
  const printer = readPrinter(textOf(command, input, 'printer'));
  const columns =
    columnsAllowed.find((one) => String(one) === textOf(command, input, 'columns')) ?? '--columns must be 32, 42 or 48';
  const encoding = textOf(command, input, 'encoding');
  const knowsEncoding = encoding === 'gb18030' || encoding === 'multilingual';
  if (typeof cloudUrl === 'string' || typeof printer === 'string' || typeof columns === 'string' || !knowsEncoding) {
    const mistakes = [cloudUrl, printer, columns, knowsEncoding || '--encoding must be gb18030 or multilingual'];
    throw new UsageError(mistakes.filter((one) => typeof one === 'string').join('; '));
  }
  return { cloudUrl, ...printer, columns, encoding };
}

/** Outside this machine the feed must be secret and whole: who could write into it could print permits. */
function readCloudUrl(text: string | undefined): URL | string {
  if (text === undefined) return '--cloud is missing';
  const url = URL.parse(text);
  if (url === null || url.search !== '' || url.hash !== '' || url.username !== '')
    return `--cloud ${text} is no address`;
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isHere)) return url;
  return `--cloud ${text} must begin with https:// (http:// only on this machine)`;
}

function readPrinter(text: string | undefined): { host: string; port: number } | string {
  if (text === undefined) return '--printer is missing';
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : `--printer ${text} is no host:port`;
}
