import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { unprintableSign } from '../../simulator/printer/character-tables.ts';
import { type EscPosCommand, readEscPos } from '../../simulator/printer/escpos-reader.ts';
import { createPaperRoll, type PrintedImage } from '../../simulator/printer/paper.ts';
import { imagePng, slipText } from '../../simulator/printer/slip-picture.ts';
import type { PermitSlip } from '../receipt.message.ts';
import {
  composeReceipt,
  composeReceiptSvg,
  composeReceiptText,
  type PaperColumns,
  paperColumns,
  type PrinterCharset,
} from './compose-receipt.ts';
import { sampleSlip, sampleSlipWith } from './sample-slip.ts';

type Composed = {
  readonly slip: PermitSlip;
  readonly columns?: PaperColumns;
  readonly charset?: PrinterCharset;
  readonly copy?: number;
};

/** What a printer makes of the bytes: its text, its pictures, how often it cut, and every command. */
function print({ slip, columns = 48, charset = 'gb18030', copy = 0 }: Composed) {
  const paper = createPaperRoll(columns);
  const commands: EscPosCommand[] = [];
  let rest = composeReceipt(slip, { columns, charset, copy });
  let slips = 0;
  let text = '';
  let images: PrintedImage[] = [];
  while (rest.length > 0) {
    const read = readEscPos(rest);
    if (read === 'incomplete')
      throw new Error(`the receipt ends in the middle of a command, ${rest.length} bytes before its end`);
    rest = rest.subarray(read.length);
    commands.push(read.command);
    const rows = paper.print(read.command);
    if (rows === null) continue;
    slips += 1;
    text = slipText({ columns, rows });
    images = rows.flatMap((row) => row.pieces).filter((piece) => piece.kind === 'image');
  }
  return { text, images, cuts: slips, commands, left: paper.begun };
}

const namesOf = (commands: readonly EscPosCommand[]) =>
  commands.flatMap((command) => (command.kind === 'command' ? [command.name] : []));

for (const columns of paperColumns) {
  test(`a slip of ${columns} columns has one QR, one cut at its end, and no line that is too long`, () => {
    for (const locale of ['zh-CN', 'en'] as const) {
      const { images, cuts, left, text } = print({ slip: sampleSlipWith({ locale }), columns });
      assert.deepEqual([images.length, cuts, left], [1, 1, false]);
      for (const line of text.split('\n')) assert.ok(line.length <= columns, line);
    }
  });
}

test('every field of the order stands on the paper, in Chinese', () => {
  const { text } = print({ slip: sampleSlip });
  const expected = [
    /城东中心加油站/,
    /前程石油 · 站号 44012/,
    /北京市朝阳区东三环中路1号/,
    /放行凭证/,
    /PASSAGE PERMIT/,
    /加油机 +3$/m,
    /车牌 +京A12345$/m,
    /油品 +92#$/m,
    /油枪 +2$/m,
    /加油量 +27\.06 升$/m,
    /单价 +￥7\.39\/升$/m,
    /金额 +￥200\.00$/m,
    /会员价 +￥7\.19\/升$/m,
    /优惠 +-￥5\.41$/m,
    /实付 +￥194\.59$/m,
    /支付方式 +微信支付 WeChat Pay$/m,
    /支付时间 +2026-03-01 12:30:05$/m,
    /订单号 +0001B0D41M6K7QX4M2PZ0123$/m,
    /K7QX-4M2P/,
    /有效期至\n +2026-03-01 13:00$/m,
    /离站放行凭证/,
    /舍去至0\.01升/,
    /四舍五入至0\.01 CNY/,
  ];
  for (const pattern of expected) assert.match(text, pattern);
});

test('the English slip of a station in Paris shows euros, French time and no discount that was not given', () => {
  const slip = sampleSlipWith({
    locale: 'en',
    currency: 'EUR',
    timeZone: 'Europe/Paris',
    discount: '0.00',
    memberPrice: null,
    paidBy: 'alipay',
    plate: null,
  });
  const { text } = print({ slip });
  for (const pattern of [
    /PAID +EUR 194\.59$/m,
    /Paid at +2026-03-01 05:30:05$/m,
    /Paid by +Alipay 支付宝$/m,
    /money half up to 0\.01 EUR/,
  ])
    assert.match(text, pattern);
  assert.doesNotMatch(text, /Discount|Member|PLATE/);
});

test('a printer without Chinese letters prints in English with its own currency signs', () => {
  const { text } = print({
    slip: sampleSlipWith({ currency: 'EUR', stationName: 'Relais de la République' }),
    charset: 'multilingual',
  });
  assert.match(text, /Relais de la République/);
  assert.match(text, /PAID +€194\.59$/m);
});

test('a reprint is marked with its number and else the same permit', () => {
  const first = print({ slip: sampleSlip });
  const again = print({ slip: sampleSlip, copy: 2 });
  assert.match(again.text, /补打 REPRINT 2/);
  assert.doesNotMatch(first.text, /REPRINT/);
  assert.deepEqual(again.images[0]?.bits, first.images[0]?.bits);
});

test('automatic status is on from the first byte to the last, and the slip asks the printer nothing itself', () => {
  const { commands } = print({ slip: sampleSlip });
  const names = namesOf(commands);
  assert.deepEqual(names.slice(0, 2), ['ESC @', 'GS a']);
  assert.equal(names.filter((name) => name === 'GS a').length, 1);
  for (const question of ['GS r', 'DLE EOT', 'GS (', 'GS ( k', 'GS k', 'FS C'])
    assert.ok(!names.includes(question), question);
});

test('a token that no QR code holds is thrown, not printed', () => {
  assert.throws(
    () => composeReceipt({ ...sampleSlip, token: 'lower case' }, { columns: 48, charset: 'gb18030' }),
    /alphanumeric/,
  );
  assert.throws(
    () => composeReceipt({ ...sampleSlip, token: 'A'.repeat(2_000) }, { columns: 32, charset: 'gb18030' }),
    /fit/,
  );
});

/** Text that a hostile driver or a careless station might write. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n{code:FAKE;option:qrcode}\n',
        '{image:iVBORw0KGgo=}',
        '{command:\\x1dVB\\x00}',
        '=',
        '---',
        '|',
        '\\',
        '~',
        '`',
        '^^^',
        '"',
        '_',
        '\\x1b@',
      ),
      fc.constantFrom(
        '\u001b@',
        '\u001dV\u0000',
        '\r\n',
        '\u0000',
        '\u1fef',
        '\u037e',
        '👨‍👩‍👧',
        '𠮷',
        '¥',
        '\ud800',
        '\u202e',
        'e\u0301',
        '<script>',
        '&',
        '油站',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

test('whatever names and plates hold: one QR, ours, one cut, no four-byte code, no command of theirs', () => {
  const expected = print({ slip: sampleSlip });
  const names = new Set(namesOf(expected.commands));
  fc.assert(
    fc.property(
      hostileText,
      hostileText,
      hostileText,
      fc.constantFrom(...paperColumns),
      (stationName, plate, grade, columns) => {
        const slip = sampleSlipWith({
          stationName,
          stationBrand: grade,
          stationAddress: plate,
          plate,
          grade,
          paidBy: plate,
        });
        const { images, cuts, left, text, commands } = print({ slip, columns });
        assert.deepEqual([images.length, cuts, left], [1, 1, false]);
        assert.deepEqual(images[0]?.bits, expected.images[0]?.bits);
        assert.ok(!text.includes(unprintableSign));
        for (const name of namesOf(commands)) assert.ok(names.has(name), name);
      },
    ),
    { numRuns: 60 },
  );
});

test('whatever names and plates hold: the preview is plain text and a drawing without foreign markup', () => {
  const tags = new Set([
    'svg',
    'rect',
    'defs',
    'filter',
    'feFlood',
    'feComposite',
    'g',
    'text',
    'tspan',
    'path',
    'image',
  ]);
  fc.assert(
    fc.property(hostileText, hostileText, (stationName, plate) => {
      const slip = sampleSlipWith({ stationName, plate });
      const svg = composeReceiptSvg(slip, { columns: 48 });
      for (const [, tag = ''] of svg.matchAll(/<\/?([a-zA-Z]+)/g)) assert.ok(tags.has(tag), tag);
      assert.equal(svg.match(/<image /g)?.length, 1);
      assert.doesNotMatch(svg.replace('xmlns="http://www.w3.org/2000/svg"', ''), /https?:|<script|\son[a-z]+=/);
      assert.doesNotMatch(composeReceiptText(slip, { columns: 48 }), /[\u0000-\u0009\u000b-\u001f]/);
    }),
    { numRuns: 40 },
  );
});

test('the text for a console holds the token whole', () => {
  const text = composeReceiptText(sampleSlip, { columns: 48 });
  assert.ok(text.replaceAll('\n', '').includes(sampleSlip.token));
  assert.match(text, /实付 +¥194\.59$/m);
});

const zbarMissing =
  spawnSync('zbarimg', ['--version']).error === undefined
    ? false
    : 'zbarimg (Debian package zbar-tools) is not installed';

test('a scanner reads the token from the dots that the printer got, at every width', {
  skip: zbarMissing,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'forecourt-qr-'));
  try {
    const files = paperColumns.map((columns) => ({ columns, path: join(folder, `${columns}.png`) }));
    for (const { columns, path } of files) {
      const [image] = print({ slip: sampleSlip, columns }).images;
      assert.ok(image !== undefined && image.widthDots <= columns * 12);
      await writeFile(path, imagePng(image));
    }
    const read = spawnSync('zbarimg', ['--quiet', '--raw', ...files.map(({ path }) => path)], { encoding: 'utf8' });
    assert.deepEqual(
      read.stdout.trim().split('\n'),
      files.map(() => sampleSlip.token),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
