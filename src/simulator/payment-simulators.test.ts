import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { simulatorStarts, startPaymentSimulators } from './payment-simulators.ts';
import { openDoor } from './service/simulation.ts';

const triesMax = 50;

/** A port that is free together with the ports after it, for the desk and each service. */
async function findPort(): Promise<number> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const doors = [await openDoor(0)];
    const port = Number(new URL(doors[0]?.url ?? '').port);
    try {
      for (const place of Object.keys(simulatorStarts).keys()) doors.push(await openDoor(port + place + 1));
      return port;
    } catch {
      // One of the ports behind is taken: another first port, then.
    } finally {
      for (const door of doors) await door.close();
    }
  }
  throw new Error('there is no room for the ports');
}

test('the services have the ports after the desk, and all are given back at the end', async () => {
  const port = await findPort();
  const simulators = await startPaymentSimulators({ port });
  const ports = Object.values(simulators.services).map(({ url }) => Number(new URL(url).port));
  assert.equal(Number(new URL(simulators.desk.url).port), port);
  assert.deepEqual(
    ports,
    ports.map((_, place) => port + place + 1),
  );
  await simulators.close();
  await simulators.close();
  for (const one of [port, ...ports]) await (await openDoor(one)).close();
});

test('where one port is taken nothing is left running', async () => {
  const port = await findPort();
  const taken = createServer().listen(port, '127.0.0.1');
  await once(taken, 'listening');
  await assert.rejects(startPaymentSimulators({ port }), { code: 'EADDRINUSE' });
  await (await openDoor(port + 1)).close();
  taken.close();
});
