import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { minorDigits, moneyMinorMax, parseMoneyMinor } from '../base/money.ts';
import { parsePriceMilli, parseVolumeMilli, priceMilliMax, volumeMilliMax } from '../base/volume.ts';
import type { Database } from '../database/database.ts';
import { readCsv } from '../station/import/csv.ts';
import { paymentServices } from '../payment/provider/registry.ts';
import { readGeoJson } from '../station/import/geojson.ts';
import { type ImportReport, importStations } from '../station/import/import-stations.ts';
import { fields, parseMapping } from '../station/import/mapping.ts';
import { isTimeZone, type StationDefaults } from '../station/import/read-station.ts';
import { fileBytesMax, rowsMax, type SourceRow, UnreadableFile } from '../station/import/source-row.ts';
import { saveStations } from '../station/station.sql.ts';
import { type Command, type CommandInput, isSet, requiredText, textOf, UsageError } from './command.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withNewDatabase } from './open-database.ts';
import { showProgress } from './progress-bar.ts';
import { readDatum, readDecimal, readRounding, readUnit, readWhole } from './read-option.ts';

const megabyte = 1024 * 1024;

export const command: Command = {
  name: 'stations import',
  summary: 'Import stations with their prices from GeoJSON or CSV',
  usage: `FILE --currency <code> --time-zone <zone> [options]

FILE ends in .geojson, .json or .csv, is UTF-8, at most ${fileBytesMax / megabyte} MiB and ${rowsMax} rows. A bad row is reported with its line and
reason and left out; good rows are kept. A station that is there already becomes what the file says: pumps that are missing go,
grades that are missing end now and are counted as ended. A price that did not change stays as it is. A station that was closed
stays closed, unless its row has a state (open or closed).

--map takes FIELD=PROPERTY pairs. Fields: ${fields.join(', ')},
price.GRADE, member-price.GRADE, official-price.GRADE. What is not mapped is looked for under its usual name (id, name, lat, price_GRADE,
member_price_GRADE, …), prices too: with price.E10=price_e10 the grade is called E10, and price_sp98 is still found as sp98. With
--only-mapped-prices only the prices that --map names are taken.

The field nozzles holds the station's layout as pump:nozzle:grade, for example 1:1:92;1:2:95;2:3:92; in GeoJSON also as a list of
{"pump": 1, "nozzle": 1, "grade": "92"}. A row with nozzles goes before --pumps.`,
  options: {
    map: { type: 'string', value: 'pairs', multiple: true, help: 'number=id,address=address,price.E10=price_e10' },
    'only-mapped-prices': { type: 'boolean', help: 'take no price by its usual name' },
    name: {
      type: 'string',
      value: 'template',
      help: 'name of each station, for example "{brand} {city}"; default: its name, else brand and city',
    },
    address: {
      type: 'string',
      value: 'template',
      help: 'for example "{street}, {city}"; default: address, postcode and city',
    },
    currency: { type: 'string', value: 'code', help: 'ISO 4217 code of all prices' },
    'time-zone': { type: 'string', value: 'zone', help: 'IANA name, for stations that have none of their own' },
    unit: { type: 'string', value: 'unit', default: 'l', help: 'l, gal-us, gal-uk or kg' },
    step: { type: 'string', value: 'decimal', default: '0.01', help: 'smallest volume that the stations measure' },
    rounding: {
      type: 'string',
      value: 'mode',
      default: 'half-up',
      help: 'volume x price to money: half-up, half-even, down or up',
    },
    'price-resolution': { type: 'string', value: 'decimal', default: '0.001', help: 'a finer price is a bad row' },
    'order-min': { type: 'string', value: 'decimal', default: '1', help: 'smallest order in money' },
    'order-max': {
      type: 'string',
      value: 'decimal',
      help: 'largest order in money (default 10000, without minor units 1000000)',
    },
    'order-volume-max': { type: 'string', value: 'decimal', default: '500', help: 'largest order in volume' },
    methods: {
      type: 'string',
      value: 'ids',
      help: 'ways of paying, in order, for example wechat-pay (default for CNY; else none)',
    },
    pumps: {
      type: 'string',
      value: 'count',
      default: '0',
      help: 'give each station without nozzles so many pumps with every grade, its nozzles numbered through; 0: layout not known',
    },
    datum: {
      type: 'string',
      value: 'datum',
      default: 'WGS-84',
      help: 'datum of the positions: WGS-84, GCJ-02 or BD-09',
    },
    'valid-from': { type: 'string', value: 'time', help: 'when the prices begin, RFC 3339 (default now)' },
    delimiter: {
      type: 'string',
      value: 'character',
      default: ',',
      help: 'between the cells of a CSV file; "tab" for a tabulator',
    },
    'dry-run': { type: 'boolean', help: 'read and report, store nothing; needs no database' },
    strict: { type: 'boolean', help: 'store nothing if any row is bad' },
    json: { type: 'boolean', help: 'the report as one JSON object' },
    ...databaseOptions,
  },
  examples: [
    'forecourt stations import stations.csv --currency CNY --time-zone Asia/Shanghai --pumps 6 --data ./data',
    'forecourt stations import france.geojson --map number=id,address=address,price.E10=price_e10 --currency EUR --time-zone Europe/Paris --unit l --dry-run',
  ],
  exitCodes: {
    0: 'good rows are stored (with --dry-run: could be), bad ones were reported',
    1: 'nothing is stored: the file cannot be read, no row is good, or --strict and a row is bad',
    [failureExitCode]: `${failureMeaning}; batches of rows stored before that stay`,
  },
  async run(input) {
    const [path, more] = input.positionals;
    if (path === undefined || more !== undefined) throw new UsageError('name one FILE');
    const task = readTask(input, path);
    return orFailure(command, input, () => importFile(input, task, path));
  },
};

async function importFile(input: CommandInput, task: Task, path: string): Promise<number> {
  try {
    const bytes = await readLimited(path);
    const report = await runImport(input, { ...task, bytes });
    show(report, input);
    return report.good === 0 || (isSet(input, 'strict') && report.bad > 0) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    process.stderr.write(`forecourt stations import: ${path}: ${error.message}\n`);
    return 1;
  }
}

type Task = {
  readonly rowsOf: (bytes: Buffer) => Iterable<SourceRow>;
  readonly mapping: Exclude<ReturnType<typeof parseMapping>, string>;
  readonly defaults: StationDefaults;
};

/** All that is wrong with the use of the command is found here, before anything is read or stored. */
function readTask(input: CommandInput, path: string): Task {
  const pairs = input.values['map'];
  const mapping = parseMapping(Array.isArray(pairs) ? pairs.map(String) : [], !isSet(input, 'only-mapped-prices'));
  if (typeof mapping === 'string') throw new UsageError(`--map: ${mapping}`);
  return { rowsOf: rowReader(path, requiredText(command, input, 'delimiter')), mapping, defaults: readDefaults(input) };
}

function rowReader(path: string, delimiter: string): Task['rowsOf'] {
  const ending = extname(path).toLowerCase();
  if (ending === '.geojson' || ending === '.json') return readGeoJson;
  if (ending !== '.csv') throw new UsageError(`${path} ends neither in .geojson or .json nor in .csv`);
  const character = delimiter === 'tab' ? '\t' : delimiter;
  if (!/^[\t -~]$/.test(character) || character === '"')
    throw new UsageError('--delimiter takes one ASCII character, or tab');
  return (bytes) => readCsv(bytes, character);
}

function readDefaults(input: CommandInput): StationDefaults {
  const text = (name: string): string => requiredText(command, input, name);
  const currency = text('currency');
  const digits = minorDigits(currency);
  if (digits === null) throw new UsageError(`--currency ${currency} is no ISO 4217 code`);
  const timeZone = textOf(command, input, 'time-zone') ?? null;
  if (timeZone !== null && !isTimeZone(timeZone)) throw new UsageError(`--time-zone ${timeZone} is not known`);
  const money = (name: string, value: string): number =>
    readDecimal(name, value, (decimal) => parseMoneyMinor(decimal, currency), 1, moneyMinorMax);
  const orderMax = textOf(command, input, 'order-max') ?? (digits === 0 ? '1000000' : '10000');
  const orderMoneyMinorMin = money('order-min', text('order-min'));
  const orderMoneyMinorMax = money('order-max', orderMax);
  if (orderMoneyMinorMax < orderMoneyMinorMin) throw new UsageError('--order-max is below --order-min');
  return {
    currency,
    timeZone,
    unit: readUnit(text('unit')),
    rounding: readRounding(text('rounding')),
    volumeStepMilli: readDecimal('step', text('step'), parseVolumeMilli, 1, volumeMilliMax),
    priceResolutionMilli: readDecimal('price-resolution', text('price-resolution'), parsePriceMilli, 1, priceMilliMax),
    orderMoneyMinorMin,
    orderMoneyMinorMax,
    orderVolumeMilliMax: readDecimal('order-volume-max', text('order-volume-max'), parseVolumeMilli, 1, volumeMilliMax),
    methods: readMethods(textOf(command, input, 'methods') ?? (currency === 'CNY' ? 'wechat-pay' : '')),
    pumps: readWhole('pumps', text('pumps'), 0, 99),
    datum: readDatum(text('datum')),
    nameTemplate: textOf(command, input, 'name') ?? null,
    addressTemplate: textOf(command, input, 'address') ?? null,
    validFrom: readValidFrom(textOf(command, input, 'valid-from')),
  };
}

function readMethods(text: string): string[] {
  const methods = text === '' ? [] : text.split(',').map((method) => method.trim());
  const known = paymentServices.map(({ id }) => id);
  const unknown = methods.find((method) => !known.includes(method));
  if (unknown !== undefined)
    throw new UsageError(`--methods: ${JSON.stringify(unknown)} is no way of paying; there are ${known.join(', ')}`);
  const twice = methods.find((method, at) => methods.indexOf(method) !== at);
  if (twice !== undefined) throw new UsageError(`--methods: ${twice} stands twice`);
  return methods;
}

function readValidFrom(text: string | undefined): number {
  if (text === undefined) return Date.now();
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;
  const time = form.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new UsageError(`--valid-from ${text} is no RFC 3339 time with its zone`);
  return time;
}

async function readLimited(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > fileBytesMax) throw new UnreadableFile(`${size} bytes are more than ${fileBytesMax}`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string')
      throw new UnreadableFile(error.message);
    throw error;
  }
}

/** With --strict the file is read twice: a bad row anywhere means that nothing is stored. */
async function runImport(input: CommandInput, task: Task & { readonly bytes: Buffer }): Promise<ImportReport> {
  const look = (): Promise<ImportReport> => importRows(task, null);
  if (isSet(input, 'dry-run')) return look();
  if (isSet(input, 'strict')) {
    const looked = await look();
    if (looked.bad > 0) return looked;
  }
  return withNewDatabase(command, input, (db) => importRows(task, db));
}

async function importRows(
  { rowsOf, bytes, mapping, defaults }: Task & { readonly bytes: Buffer },
  db: Database | null,
): Promise<ImportReport> {
  const progress = showProgress(process.stderr, bytes.length);
  const now = Date.now();
  try {
    return await importStations({
      rows: rowsOf(bytes),
      mapping,
      defaults,
      save: db === null ? null : (stations) => db.transaction((tx) => saveStations(tx, stations, now)),
      onProgress: ({ rows, endByte }) => progress.show(endByte, `${rows} stations`),
    });
  } finally {
    progress.end();
  }
}

const faultsShownMax = 100;

function show(report: ImportReport, input: CommandInput): void {
  for (const { line, reason } of report.faults.slice(0, faultsShownMax))
    process.stderr.write(`line ${line}: ${reason}\n`);
  if (report.bad > faultsShownMax) process.stderr.write(`and ${report.bad - faultsShownMax} more bad rows\n`);
  for (const property of report.missingProperties) process.stderr.write(`--map: no row has the property ${property}\n`);
  const stored = !isSet(input, 'dry-run') && !(isSet(input, 'strict') && report.bad > 0);
  if (isSet(input, 'json')) process.stdout.write(`${JSON.stringify({ stored, ...report })}\n`);
  else process.stdout.write(`${toSummary(report, stored)}\n`);
}

function toSummary({ rows, good, bad, saved }: ImportReport, stored: boolean): string {
  const counts = `${rows} rows: ${good} good, ${bad} bad`;
  if (!stored) return `${counts}; nothing stored`;
  const changed = `${saved.stations} stations, ${saved.nozzles} nozzles, ${saved.prices} prices`;
  return `${counts}; new or changed: ${changed}; ended: ${saved.endedPrices} prices`;
}
