import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { type SimulatedPrinter, type SimulatedPrinterOptions, startSimulatedPrinter } from './simulated-printer.ts';

async function setUp(t: TestContext, options: SimulatedPrinterOptions = {}) {
  const printer = await startSimulatedPrinter({ printTimeMs: 0, clock: () => Date.UTC(2026, 2, 1), ...options });
  const sockets: Socket[] = [];
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await printer.close();
  });
  return { printer, plug: () => plug(printer, sockets) };
}

async function plug({ host, port }: SimulatedPrinter, sockets: Socket[]) {
  const socket = connect({ host, port, noDelay: true });
  sockets.push(socket);
  await once(socket, 'connect');
  let heard: Buffer = Buffer.alloc(0);
  return {
    socket,
    send: (...bytes: readonly number[]) => void socket.write(Buffer.from(bytes)),
    /** The next so many bytes that the printer says, in hexadecimal. */
    async hear(count: number): Promise<string> {
      while (heard.length < count) {
        const [chunk] = await once(socket, 'data');
        heard = Buffer.concat([heard, chunk]);
      }
      const said = heard.subarray(0, count).toString('hex');
      heard = heard.subarray(count);
      return said;
    },
  };
}

const slipsAnswer = z.object({
  slips: z.array(
    z.object({ text: z.string(), cuts: z.int(), at: z.string(), qr: z.string(), pictures: z.array(z.unknown()) }),
  ),
});

const question = (n: number) => [0x10, 0x04, n] as const; // DLE EOT n
const cut = [0x1d, 0x56, 0x42, 0x00] as const; // GS V B 0
const chineseOn = [0x1c, 0x26] as const; // FS &
const ascii = (text: string) => [...Buffer.from(text, 'latin1')];

const realTime = [
  ['ok', '12121212'],
  ['paper-out', '1a321272'],
  ['cover-open', '1a161212'],
] as const;

for (const [behaviour, answer] of realTime) {
  test(`a printer that is ${behaviour} answers DLE EOT 1 to 4 with ${answer}`, async (t) => {
    const { plug } = await setUp(t, { behaviour });
    const host = await plug();
    host.send(...question(1), ...question(2), ...question(3), ...question(4));
    assert.equal(await host.hear(4), answer);
  });
}

test('automatic status is pushed when asked for and on each change', async (t) => {
  const { printer, plug } = await setUp(t);
  const host = await plug();
  host.send(0x1d, 0x61, 0xff); // GS a 255
  assert.equal(await host.hear(4), '10000000');
  await printer.setBehaviour('cover-open');
  assert.equal(await host.hear(4), '38000000');
  await printer.setBehaviour('paper-out');
  assert.equal(await host.hear(4), '18000c00');
});

test('it names its maker and its model', async (t) => {
  const { plug } = await setUp(t);
  const host = await plug();
  host.send(0x1d, 0x49, 0x42, 0x1d, 0x49, 0x43); // GS I 66, GS I 67
  assert.equal(Buffer.from(await host.hear(17), 'hex').toString('latin1'), '_EPSON\0_TM-T88VI\0');
});

test('the process id comes back after what was before it, and GS r 1 is answered', async (t) => {
  const { plug } = await setUp(t);
  const host = await plug();
  host.send(0x1d, 0x28, 0x48, 6, 0, 0x30, 0x30, ...ascii('JOB1'), 0x1d, 0x72, 0x01); // GS ( H, GS r 1
  assert.equal(await host.hear(8), `003722${Buffer.from('JOB1').toString('hex')}00`);
});

test('letters keep their places, sizes and scripts; a four-byte code prints as rubbish', async (t) => {
  const { printer, plug } = await setUp(t, { columns: 32 });
  const host = await plug();
  const printed = printer.nextSlip();
  host.send(0x1b, 0x40, ...chineseOn, 0xd3, 0xcd, 0xd5, 0xbe, 0x0a); // ESC @, 油站
  host.send(0x1b, 0x61, 2, 0x1d, 0x21, 0x11, ...ascii('42'), 0x0a); // ESC a 2, GS ! 17
  host.send(0x1b, 0x40, ...chineseOn, 0x81, 0x30, 0x84, 0x36, 0x0a, ...cut); // U+00A5 in GB18030
  const slip = await printed;
  assert.equal(slip.text, `油站\n${' '.repeat(30)}42\n��\n`);
  assert.match(slip.svg, /^<svg [^>]*width="432"/);
});

test('a second connection is not served while the first is open', async (t) => {
  const { plug } = await setUp(t);
  const first = await plug();
  const second = await plug();
  second.socket.resume();
  await once(second.socket, 'close');
  first.send(...question(1));
  assert.equal(await first.hear(1), '12');
});

test('switched off it refuses, switched on it listens on the same port', async (t) => {
  const { printer, plug } = await setUp(t);
  await printer.setBehaviour('port-closed');
  await assert.rejects(plug(), /ECONNREFUSED/);
  await printer.setBehaviour('ok');
  const host = await plug();
  host.send(...question(1));
  assert.equal(await host.hear(1), '12');
});

test('the page shows each slip to people and to programs, and lets a person open the cover', async (t) => {
  const { printer, plug } = await setUp(t);
  const events = await fetch(`${printer.pageUrl}events`);
  assert.ok(events.body !== null);
  const changes = events.body.pipeThrough(new TextDecoderStream()).getReader();
  await changes.read();
  const host = await plug();
  host.send(...ascii('<b>Pump 3</b>'), 0x0a, 0x1d, 0x76, 0x30, 0, 1, 0, 2, 0, 0xf0, 0x0f, ...cut); // GS v 0
  assert.match((await changes.read()).value ?? '', /data: changed/);
  await changes.cancel();

  const { slips } = slipsAnswer.parse(await (await fetch(`${printer.pageUrl}slips`)).json());
  const [slip] = slips;
  assert.equal(slips.length, 1);
  assert.equal(slip?.text.split('\n')[0], '<b>Pump 3</b>');
  assert.deepEqual([slips.length, slip?.cuts, slip?.pictures.length, slip?.at], [1, 1, 1, '2026-03-01T00:00:00.000Z']);
  const png = await fetch(`${printer.pageUrl}slips/1.png`);
  assert.equal(Buffer.from(await png.arrayBuffer()).toString('base64'), slip?.qr);
  const svg = await (await fetch(`${printer.pageUrl}slips/1.svg`)).text();
  assert.ok(!svg.includes('<b>'));

  const page = await (await fetch(printer.pageUrl)).text();
  assert.match(page, /data-behaviour="cover-open"/);
  assert.equal((await fetch(`${printer.pageUrl}behaviour/cover-open`, { method: 'POST' })).status, 200);
  assert.equal(printer.behaviour(), 'cover-open');
  assert.equal((await fetch(`${printer.pageUrl}behaviour/on-fire`, { method: 'POST' })).status, 404);
  assert.equal((await fetch(`${printer.pageUrl}slips/9.svg`)).status, 404);
});
