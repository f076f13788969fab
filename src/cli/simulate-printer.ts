import { paperColumns } from '../device/printer/compose-receipt.ts';
import { behaviours, isBehaviour } from '../simulator/printer/behaviour.ts';
import { startSimulatedPrinter } from '../simulator/printer/simulated-printer.ts';
import { type Command, requiredText, UsageError } from './command.ts';

const portMax = 65_535;

/** `forecourt simulate printer`: a printer without paper, until interrupted. */
export const command: Command = {
  name: 'simulate printer',
  summary: 'Run a simulated receipt printer (ESC/POS over TCP) with a page that shows its slips',
  usage: '[options]',
  options: {
    port: { type: 'string', value: 'port', default: '9100', help: 'TCP port of the printer; 0 takes a free one' },
    'page-port': { type: 'string', value: 'port', default: '9180', help: 'port of its page; 0 takes a free one' },
    behaviour: { type: 'string', value: 'name', default: 'ok', help: `one of ${Object.keys(behaviours).join(', ')}` },
    columns: { type: 'string', value: 'number', default: '48', help: `characters a line: ${paperColumns.join(', ')}` },
  },
  examples: [
    'forecourt simulate printer',
    'forecourt simulate printer --port 0 --page-port 0 --columns 32 --behaviour paper-out-mid',
  ],
  exitCodes: { 0: 'interrupted', 1: 'a port could not be taken' },
  async run(input) {
    const behaviour = requiredText(command, input, 'behaviour');
    if (!isBehaviour(behaviour))
      throw new UsageError(`--behaviour ${behaviour} is none of ${Object.keys(behaviours).join(', ')}`);
    const columns = Number(requiredText(command, input, 'columns'));
    if (!paperColumns.some((one) => one === columns))
      throw new UsageError(`--columns is one of ${paperColumns.join(', ')}`);
    const port = readPort(requiredText(command, input, 'port'), 'port');
    const pagePort = readPort(requiredText(command, input, 'page-port'), 'page-port');
    const printer = await startSimulatedPrinter({ port, pagePort, behaviour, columns });
    process.stdout.write(
      `printer on ${printer.host}:${printer.port} (${columns} columns, ${behaviour})\npage on ${printer.pageUrl}\n`,
    );
    await interrupted();
    await printer.close();
    return 0;
  },
};

function readPort(text: string, option: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= portMax)) throw new UsageError(`--${option} ${text} is no port of 0 to ${portMax}`);
  return port;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
