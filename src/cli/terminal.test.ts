import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type SimulatedPrinter, startSimulatedPrinter } from '../simulator/printer/simulated-printer.ts';
import { openTerminalKey } from '../terminal/terminal-key.ts';
import { sampleSlip } from '../terminal/testing/sample-slip.ts';
import { startWireCloud, type WireCloud } from '../terminal/testing/wire-cloud.ts';
import { UsageError } from './command.ts';
import { readSettings } from './terminal.ts';

/** Runs the command as `forecourt terminal` does, in a process of its own that can be killed. */
const runCommand = `
  const { command } = await import(process.argv[1]);
  process.exitCode = await command.run({ values: JSON.parse(process.argv[2]), positionals: [] });
`;

let folder = '';
let cloud: WireCloud;
let printer: SimulatedPrinter;
let running: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'forecourt-terminal-'));
  cloud = await startWireCloud();
  printer = await startSimulatedPrinter({ printTimeMs: 5 });
  const { terminalId, publicKey } = await openTerminalKey(folder);
  cloud.enrol(terminalId, publicKey);
});
afterEach(async () => {
  for (const child of running) await end(child, 'SIGKILL');
  running = [];
  await printer.close();
  await cloud.close();
  rmSync(folder, { recursive: true });
});

function start(values: Record<string, string | boolean>): ChildProcess {
  const child = spawn(
    process.execPath,
    ['-e', runCommand, import.meta.resolve('./terminal.ts'), JSON.stringify(values)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  running.push(child);
  return child;
}

const startTerminal = (): ChildProcess => {
  const child = start({ cloud: cloud.url.href, printer: `127.0.0.1:${printer.port}`, columns: '48', data: folder });
  child.stdout?.resume();
  return child;
};

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  return child.exitCode;
}

const idOf = (number: number) => number.toString(16).padStart(16, '0');
const issue = (number: number) => cloud.issue(sampleSlip(number, Date.now()));
const reported = (number: number, state: string) =>
  cloud.until(() => cloud.states(idOf(number)).includes(state), `permit ${number} is ${state}`);

test('a terminal killed between journal and print prints the permit once after its restart', async () => {
  await printer.setBehaviour('paper-out');
  const first = startTerminal();
  issue(1);
  await cloud.until(
    () => cloud.reports.some((report) => report.reason === 'paper-empty'),
    'the terminal says that paper is out',
  );
  await end(first, 'SIGKILL');
  await printer.setBehaviour('ok');
  startTerminal();
  issue(2);
  await reported(1, 'printed');
  await reported(2, 'printed');
  assert.deepEqual(
    printer.slips().map((slip) => /AB\d/.exec(slip.text)?.[0]),
    ['AB1', 'AB2'],
  );
});

test('a terminal killed while it prints reports the permit as unconfirmed after its restart and prints it no second time', async () => {
  await printer.setBehaviour('drop-ack');
  const first = startTerminal();
  const slip = printer.nextSlip();
  issue(1);
  await slip;
  await end(first, 'SIGKILL');
  await printer.setBehaviour('ok');
  startTerminal();
  issue(2);
  await reported(2, 'printed');
  await reported(1, 'unconfirmed');
  assert.deepEqual(
    printer.slips().map((slip) => /AB\d/.exec(slip.text)?.[0]),
    ['AB1', 'AB2'],
  );
  assert.deepEqual(cloud.states(idOf(1)), ['sent', 'unconfirmed']);
});

test('SIGTERM ends the terminal with exit code 0', async () => {
  const child = startTerminal();
  issue(1);
  await reported(1, 'printed');
  assert.equal(await end(child, 'SIGTERM'), 0);
});

test('--show-key prints the key to enrol, the same at each call, and only the owner may read the private one', async () => {
  const child = start({ 'show-key': true, json: true, data: folder });
  const text = Buffer.concat((await child.stdout?.toArray()) ?? []).toString();
  const { terminalId, publicKey } = await openTerminalKey(folder);
  assert.deepEqual(JSON.parse(text), { terminalId, publicKey });
  assert.match(terminalId, /^[0-9A-HJKMNP-TV-Z]{16}$/);
  assert.equal(statSync(join(folder, 'terminal-key.pem')).mode & 0o777, 0o600);
});

test('all mistakes in the settings are told together', () => {
  const wrong = { cloud: 'http://pay.example.com', printer: '192.168.1.40', columns: '40' };
  assert.throws(
    () => readSettings({ values: wrong, positionals: [] }),
    new UsageError(
      '--cloud http://pay.example.com must begin with https:// (http:// only on this machine); ' +
        '--printer 192.168.1.40 is no host:port; --columns must be 32, 42 or 48',
    ),
  );
  assert.throws(
    () => readSettings({ values: {}, positionals: [] }),
    new UsageError('--cloud is missing; --printer is missing'),
  );
});

test('settings are read as they are meant', () => {
  const read = (cloudText: string, printerText: string) => {
    const { cloudUrl, ...rest } = readSettings({
      values: { cloud: cloudText, printer: printerText, columns: '32' },
      positionals: [],
    });
    return { cloud: cloudUrl.href, ...rest };
  };
  assert.deepEqual(read('https://pay.example.com/fuel', 'printer.local:9100'), {
    cloud: 'https://pay.example.com/fuel',
    host: 'printer.local',
    port: 9100,
    columns: 32,
    encoding: 'gb18030',
  });
  assert.equal(read('http://[::1]:8080', '[fe80::1]:9100').host, 'fe80::1');
  assert.throws(() => read('ftp://127.0.0.1', 'a:1'), UsageError);
  assert.throws(() => read('http://127.0.0.1', 'a:70000'), UsageError);
});
