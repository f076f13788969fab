import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { type Behaviour, isBehaviour } from '../../simulator/printer/behaviour.ts';
import { type SimulatedPrinterOptions, startSimulatedPrinter } from '../../simulator/printer/simulated-printer.ts';
import { sampleSlip, sampleSlipWith } from './sample-slip.ts';
import { createTcpPrinter, queuedJobsMax, type TcpPrinterOptions } from './tcp-printer.ts';

const quick = {
  id: 'printer-1',
  host: '127.0.0.1',
  columns: 48,
  answerTimeoutMs: 150,
  printedTimeoutMs: 40,
  clock: () => 1_000,
} as const satisfies Partial<TcpPrinterOptions>;

async function setUp(
  t: TestContext,
  simulated: SimulatedPrinterOptions = {},
  options: Partial<TcpPrinterOptions> = {},
) {
  const simulator = await startSimulatedPrinter({ printTimeMs: 5, ...simulated });
  const printer = createTcpPrinter({ ...quick, port: simulator.port, ...options });
  t.after(async () => {
    await printer.close();
    await simulator.close();
  });
  return { simulator, printer };
}

type Expected = {
  readonly state: string;
  readonly reason: string | null;
  readonly ready: boolean;
  readonly slips: number;
};

const matrix: Readonly<Record<Behaviour, Expected>> = {
  ok: { state: 'printed', reason: null, ready: true, slips: 1 },
  'gsr-only': { state: 'processed', reason: null, ready: true, slips: 1 },
  'paper-out': { state: 'failed', reason: 'paper-empty', ready: false, slips: 0 },
  'paper-out-mid': { state: 'failed', reason: 'paper-empty-mid', ready: true, slips: 1 },
  'cover-open': { state: 'failed', reason: 'cover-open', ready: false, slips: 0 },
  dumb: { state: 'failed', reason: 'no-status', ready: false, slips: 0 },
  'drop-ack': { state: 'unconfirmed', reason: 'no-answer', ready: true, slips: 1 },
  'hang-up': { state: 'unconfirmed', reason: 'disconnect', ready: true, slips: 1 },
  'port-closed': { state: 'failed', reason: 'disconnect', ready: false, slips: 0 },
};

for (const [behaviour, expected] of Object.entries(matrix)) {
  test(`a printer that is ${behaviour} gives ${expected.state} (${expected.reason ?? 'no reason'}) and ${expected.slips} pieces of paper`, async (t) => {
    const { simulator, printer } = await setUp(t);
    assert.ok(isBehaviour(behaviour));
    await simulator.setBehaviour(behaviour);
    assert.equal((await printer.status()).ready, expected.ready);
    const result = await printer.submit(sampleSlip);
    assert.deepEqual(
      { state: result.state, reason: result.reason, at: result.at },
      { state: expected.state, reason: expected.reason, at: 1_000 },
    );
    assert.match(result.deviceRef, /^[0-9A-Z]{4}$/);
    assert.equal(simulator.slips().length, expected.slips);
  });
}

test('after paper is put back the printer prints again, and nothing of before by itself', async (t) => {
  const { simulator, printer } = await setUp(t, { behaviour: 'paper-out-mid' });
  assert.equal((await printer.submit(sampleSlip)).reason, 'paper-empty-mid');
  assert.equal((await printer.submit(sampleSlip)).reason, 'paper-empty');
  await simulator.setBehaviour('ok');
  assert.equal((await printer.submit(sampleSlip, { copy: 1 })).state, 'printed');
  assert.deepEqual(
    simulator.slips().map((slip) => slip.cuts),
    [0, 1],
  );
  assert.match(simulator.slips()[1]?.text ?? '', /补打 REPRINT 1/);
});

test('a cover opened while the slip is being printed fails it in the middle', async (t) => {
  const { simulator, printer } = await setUp(t, { printTimeMs: 100_000 });
  const slip = simulator.nextSlip();
  const submitted = printer.submit(sampleSlip);
  await slip;
  await simulator.setBehaviour('cover-open');
  assert.equal((await submitted).reason, 'cover-open-mid');
});

test('jobs given at once all print, in order, one connection at a time', async (t) => {
  const { simulator, printer } = await setUp(t, { columns: 32 }, { columns: 32 });
  const pumps = [1, 2, 3, 4];
  const results = await Promise.all(pumps.map((pump) => printer.submit(sampleSlipWith({ pump }))));
  assert.deepEqual(
    results.map((result) => result.state),
    pumps.map(() => 'printed'),
  );
  assert.equal(new Set(results.map((result) => result.deviceRef)).size, pumps.length);
  assert.deepEqual(
    simulator.slips().map((slip) => /加油机 +(\d)$/m.exec(slip.text)?.[1]),
    pumps.map(String),
  );
});

test('more jobs than the queue holds are refused by name, and the rest still end', async (t) => {
  const { printer } = await setUp(t, { behaviour: 'port-closed' });
  const results = await Promise.all(Array.from({ length: queuedJobsMax + 2 }, () => printer.submit(sampleSlip)));
  assert.equal(results.filter((result) => result.reason === 'queue-full').length, 2);
  assert.equal(results.filter((result) => result.reason === 'disconnect').length, queuedJobsMax);
});

test('a slip that cannot be composed fails before anything is sent', async (t) => {
  const { simulator, printer } = await setUp(t);
  assert.equal((await printer.submit({ ...sampleSlip, token: 'none' })).reason, 'slip-unprintable');
  assert.equal((await printer.submit({ ...sampleSlip, expiresAt: 'never' })).reason, 'slip-unprintable');
  assert.equal(simulator.slips().length, 0);
});

test('a closed printer takes no slip', async (t) => {
  const { printer } = await setUp(t);
  await printer.close();
  assert.equal((await printer.submit(sampleSlip)).reason, 'closed');
});

/** A printer of the test's own on a bare socket: what it says, byte by byte, is the test's. */
async function setUpBare(
  t: TestContext,
  talk: (socket: Socket) => Promise<void>,
  options: Partial<TcpPrinterOptions> = {},
) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    void talk(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`no TCP port in ${String(address)}`);
  const printer = createTcpPrinter({ ...quick, closeTimeoutMs: 50, port: address.port, ...options });
  t.after(async () => {
    await printer.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { printer, sockets };
}

/** Reads until `isWhole` says that all is there. */
async function receive(socket: Socket, isWhole: (bytes: Buffer) => boolean): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  while (!isWhole(bytes)) {
    const [chunk] = await once(socket, 'data');
    bytes = Buffer.concat([bytes, chunk]);
  }
  return bytes;
}

const lastQuestion = Buffer.from([0x1d, 0x72, 0x01]);
const isJob = (bytes: Buffer) => bytes.subarray(-3).equals(lastQuestion);

test('a connection that dies between job and answer leaves the slip unconfirmed and sends nothing again', async (t) => {
  const { printer, sockets } = await setUpBare(t, async (socket) => {
    await receive(socket, (bytes) => bytes.length === 12);
    socket.write(Buffer.from([0x12, 0x12, 0x12, 0x12]));
    await receive(socket, isJob);
    socket.resetAndDestroy();
  });
  const { state, reason } = await printer.submit(sampleSlip);
  assert.deepEqual({ state, reason }, { state: 'unconfirmed', reason: 'disconnect' });
  await printer.close();
  assert.equal(sockets.length, 1);
});

test('answers that arrive one byte at a time still mean printed', async (t) => {
  const { printer } = await setUpBare(t, async (socket) => {
    socket.setNoDelay(true);
    const trickle = async (bytes: readonly number[]) => {
      for (const byte of bytes)
        await new Promise<void>((resolve) => void socket.write(Uint8Array.of(byte), () => setImmediate(resolve)));
    };
    await receive(socket, (bytes) => bytes.length === 12);
    await trickle([0x12, 0x12, 0x12, 0x12]);
    const job = await receive(socket, isJob);
    await trickle([0x10, 0, 0, 0, 0x00, 0x37, 0x22, ...job.subarray(-7, -3), 0x00]);
  });
  assert.equal((await printer.submit(sampleSlip)).state, 'printed');
});

test('a printer that floods with rubbish is given up in time', async (t) => {
  const { printer } = await setUpBare(t, async (socket) => {
    const flood = Buffer.alloc(32_768, 0xff);
    while (socket.writable) await new Promise<void>((resolve) => void socket.write(flood, () => setImmediate(resolve)));
  });
  assert.equal((await printer.submit(sampleSlip)).reason, 'no-status');
});

test('the connection is closed with FIN, so that the printer sees a clean end', async (t) => {
  const ended = Promise.withResolvers<void>();
  const { printer } = await setUpBare(t, async (socket) => {
    socket.on('end', () => ended.resolve());
    socket.on('error', ended.reject);
    await receive(socket, (bytes) => bytes.length === 12);
    socket.write(Buffer.from([0x12, 0x16, 0x12, 0x12]));
  });
  assert.deepEqual(await printer.status(), { ready: false, reason: 'cover-open' });
  await ended.promise;
});
