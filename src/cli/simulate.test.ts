import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { simulatorStarts } from '../simulator/payment-simulators.ts';
import { runForecourt } from '../testing/command.ts';
import { UsageError } from './command.ts';
import { command } from './simulate.ts';

const names = Object.keys(simulatorStarts);

/** The command in a process of its own, and what it says first. */
async function start(values: object, positionals: readonly string[]) {
  const program = `import(${JSON.stringify(import.meta.resolve('./simulate.ts'))}).then(async ({ command }) => process.exit(await command.run(${JSON.stringify({ values, positionals })})))`;
  const child: ChildProcessByStdio<null, Readable, null> = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const [chunk] = await once(child.stdout, 'data');
  return { child, ended, said: String(chunk) };
}

/** A web server, and the first text that is posted to it. */
async function openInbox(context: TestContext) {
  const { promise: arrived, resolve } = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    resolve(text(request));
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  context.after(() => server.close().closeAllConnections());
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the inbox has no address');
  return { inbox: `http://127.0.0.1:${address.port}/events`, arrived };
}

const described = z.object({ url: z.url(), cashierUrl: z.url(), controlUrl: z.url(), credentials: z.looseObject({}) });

test('what cannot be simulated is refused before anything is started', async () => {
  const wrong = [
    { values: {}, positionals: [] },
    { values: {}, positionals: ['paypal'] },
    { values: {}, positionals: ['toString'] },
    { values: {}, positionals: ['wechat-pay', 'payments'] },
    { values: { port: '65536' }, positionals: ['wechat-pay'] },
    { values: { port: '65535' }, positionals: ['payments'] },
    { values: { port: '80.5' }, positionals: ['wechat-pay'] },
    { values: { 'webhook-url': 'here' }, positionals: ['stripe'] },
    { values: { 'webhook-url': 'http://127.0.0.1:9/' }, positionals: ['alipay'] },
    { values: { 'webhook-url': 'http://127.0.0.1:9/' }, positionals: ['wechat-pay'] },
    { values: { 'time-scale': '0' }, positionals: ['wechat-pay'] },
    { values: { 'auto-pay-ms': 'soon' }, positionals: ['wechat-pay'] },
  ];
  for (const input of wrong) await assert.rejects(command.run(input), UsageError);
});

for (const name of names) {
  test(`simulate ${name} --json tells addresses and credentials, and ends with 0 when it is told to stop`, async () => {
    const { child, ended, said } = await start({ json: true }, [name]);
    const told = described.parse(JSON.parse(said));
    assert.equal((await fetch(told.cashierUrl)).status, 200);
    assert.deepEqual(await (await fetch(`${told.controlUrl}credentials`)).json(), told.credentials);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });
}

test('simulate payments --json tells of the desk and of every service, and keeps each in a file of its own', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'forecourt-simulate-'));
  context.after(() => rm(folder, { recursive: true }));
  const { child, ended, said } = await start({ json: true, folder }, ['payments']);
  const told = z.object({ deskUrl: z.url(), services: z.record(z.string(), described) }).parse(JSON.parse(said));
  assert.deepEqual(Object.keys(told.services), names);
  const page = await (await fetch(`${told.deskUrl}?lang=en`)).text();
  for (const { cashierUrl } of Object.values(told.services)) assert.ok(page.includes(`href="${cashierUrl}?lang=en"`));
  child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sqlite')).sort();
  assert.deepEqual(files, names.map((name) => `${name}.sqlite`).sort());
});

test('simulate stripe sends its events to the address that it was told', async (context) => {
  const { inbox, arrived } = await openInbox(context);
  const { child, ended, said } = await start({ json: true, 'webhook-url': inbox }, ['stripe']);
  const { url, controlUrl, credentials } = described.parse(JSON.parse(said));
  const body = new URLSearchParams({
    mode: 'payment',
    success_url: 'http://127.0.0.1:9/',
    client_reference_id: 'ATTEMPT1',
    'line_items[0][quantity]': '1',
    'line_items[0][price_data][currency]': 'eur',
    'line_items[0][price_data][unit_amount]': '4000',
    'line_items[0][price_data][product_data][name]': 'Diesel',
  });
  const headers = { authorization: `Bearer ${String(credentials['secretKey'])}` };
  const created = await fetch(`${url}/v1/checkout/sessions`, { method: 'POST', headers, body });
  assert.equal(created.status, 200, await created.text());
  assert.equal((await fetch(`${controlUrl}payments/ATTEMPT1/pay`, { method: 'POST' })).status, 200);
  assert.match(await arrived, /"object":\s*"event"/);
  child.kill('SIGTERM');
  await ended;
});

test('simulate payments tells a person where everything is', async () => {
  const { child, ended, said } = await start({}, ['payments']);
  child.kill('SIGTERM');
  await ended;
  assert.match(said, /^desk of all payments +http:\/\/127\.0\.0\.1:\d+\/$/m);
  assert.match(said, /^WeChat Pay, simulated +http:\/\/127\.0\.0\.1:\d+$/m);
});

test('a folder that cannot be made ends the command with its name, and nothing goes on running', async () => {
  for (const words of [['payments'], ['stripe']])
    for (const folder of ['/proc/nope', '/proc/nope/below', '/dev/null/below']) {
      const { exitCode, stdout, stderr } = await runForecourt(['simulate', ...words, '--folder', folder]);
      assert.deepEqual([exitCode, stdout], [1, ''], folder);
      assert.match(stderr, /^forecourt: \/(proc\/nope|dev\/null\/below) cannot be made: /);
    }
});
