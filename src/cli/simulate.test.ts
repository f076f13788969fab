import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { z } from 'zod';
import { UsageError } from './command.ts';
import { command } from './simulate.ts';

test('what cannot be simulated is refused before anything is started', async () => {
  const wrong = [
    { values: {}, positionals: [] },
    { values: {}, positionals: ['paypal'] },
    { values: { port: '65536' }, positionals: ['wechat-pay'] },
    { values: { 'time-scale': '0' }, positionals: ['wechat-pay'] },
    { values: { 'auto-pay-ms': 'soon' }, positionals: ['wechat-pay'] },
  ];
  for (const input of wrong) await assert.rejects(command.run(input), UsageError);
});

test('simulate wechat-pay --json tells addresses and credentials, and ends with 0 when it is told to stop', async () => {
  const start = `import(${JSON.stringify(import.meta.resolve('./simulate.ts'))}).then(async ({ command }) => process.exit(await command.run({ values: { json: true }, positionals: ['wechat-pay'] })))`;
  const child = spawn(process.execPath, ['-e', start], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  const [chunk] = await once(child.stdout, 'data');
  const told = z
    .object({ url: z.url(), cashierUrl: z.url(), credentials: z.object({ apiV3Key: z.string().length(32) }) })
    .parse(JSON.parse(String(chunk)));
  assert.equal((await fetch(told.cashierUrl)).status, 200);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});
