import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makePumpCode } from '../base/ids.ts';
import { writeKeyList } from '../permit/permit-key-list.ts';
import { type Command, type CommandInput, isSet, textOf } from './command.ts';
import { type DemoStation, type DemoWorld, startDemoWorld } from './demo-world.ts';
import { playOneOrder } from './play-one-order.ts';
import { readWhole } from './read-option.ts';
import { untilToldToStop } from './until-told-to-stop.ts';

export const command: Command = {
  name: 'demo',
  summary: 'Everything in one process: cloud, payment service, station terminal and printer, with sample stations.',
  usage: '[options]',
  options: {
    once: { type: 'boolean', help: 'play one order and end' },
    json: { type: 'boolean', help: 'with --once: print one JSON object {order, payment, permit, receipt, report}' },
    data: { type: 'string', value: 'folder', help: 'kept between starts', default: './data' },
    port: { type: 'string', value: 'port', help: 'port of the cloud; a free one where it is taken', default: '8080' },
  },
  examples: [
    'npm start',
    'npm start -- --once',
    'npm start -s -- --once --json',
    'forecourt demo --once --json',
    'forecourt demo --data ./elsewhere --port 9000',
  ],
  exitCodes: { 0: 'the order went through (--once), or told to stop', 1: 'something failed; it says what' },
  run,
};

async function run(input: CommandInput): Promise<number> {
  const folder = resolve(textOf(command, input, 'data') ?? './data');
  const port = readWhole('port', textOf(command, input, 'port') ?? '', 0, 65_535);
  const asJson = isSet(input, 'json');
  const say = (line: string): void => void (asJson ? process.stderr : process.stdout).write(`${line}\n`);
  await mkdir(folder, { recursive: true });
  const world = await startDemoWorld({ folder, port, say });
  try {
    await writeFile(
      join(folder, 'permit-keys.json'),
      `${JSON.stringify(writeKeyList(world.cloud.journey.permitKeys), null, 2)}\n`,
    );
    const played = await playOneOrder(world, say);
    if (asJson) process.stdout.write(`${JSON.stringify(played)}\n`);
    if (isSet(input, 'once')) return 0;
    for (const line of describeAddresses(world, folder)) say(line);
    await untilToldToStop();
    return 0;
  } finally {
    await world.stop();
  }
}

function describeAddresses(world: DemoWorld, folder: string): readonly string[] {
  const { station, cloud, payments, printer, staffToken } = world;
  return [
    '',
    'Now it is your turn. Open',
    `  the pump's code   ${cloud.url}/p/${makePumpCode(station.stationNumber, station.pump)}   order fuel as a driver at ${describeStation(station)}`,
    `  the driver's page ${cloud.url}/   finds a station from the position`,
    `  the staff's page  ${cloud.url}/staff#token=${staffToken}   find an order, give its money back, tell what was dispensed`,
    `  the desk          ${payments.desk.url}   every open payment of every service: pay, decline, delay, twice; end refunds; order faults`,
    `  the printer       ${printer.pageUrl}   see the slips, pull out the paper, open the cover`,
    `  the API           ${cloud.url}/docs`,
    `Data is kept in ${folder}. Ctrl-C ends it all.`,
  ];
}

const describeStation = (station: DemoStation): string => `${station.name}, pump ${station.pump}`;
