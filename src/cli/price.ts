import { formatDecimal } from '../base/decimal.ts';
import { formatMoneyMinor, minorDigits, parseMoneyMinor, requireMinorDigits } from '../base/money.ts';
import { isRefusal, problemOf, type Refusal } from '../base/problem.ts';
import {
  formatPriceMilli,
  formatVolumeMilli,
  parsePriceMilli,
  parseVolumeMilli,
  priceMilliMax,
  volumeMilliMax,
} from '../base/volume.ts';
import { checkReceipt, type PricedOrder, type PricingRequest, priceOrder } from '../station/price.ts';
import { type Command, type CommandInput, isSet, requiredText, textOf, UsageError } from './command.ts';
import { readDecimal, readRounding, readUnit } from './read-option.ts';

export const command: Command = {
  name: 'price',
  summary: 'Price an order, or check a receipt: volume, money, discount and what is to be paid',
  usage: '--price <decimal> [--money <decimal>] [--volume <decimal>] [options]',
  options: {
    price: { type: 'string', value: 'decimal', help: 'pump price of one unit' },
    'member-price': {
      type: 'string',
      value: 'decimal',
      help: 'what the driver pays for one unit; the difference is the discount',
    },
    money: { type: 'string', value: 'decimal', help: 'amount at the pump price' },
    volume: { type: 'string', value: 'decimal', help: 'volume in the unit' },
    currency: { type: 'string', value: 'code', default: 'CNY', help: 'ISO 4217 code; it knows its own digits' },
    unit: { type: 'string', value: 'unit', default: 'l', help: 'l, gal-us, gal-uk or kg' },
    step: { type: 'string', value: 'decimal', default: '0.01', help: 'smallest volume that the station measures' },
    rounding: {
      type: 'string',
      value: 'mode',
      default: 'half-up',
      help: 'volume x price to money: half-up, half-even, down or up',
    },
    check: {
      type: 'boolean',
      help: 'do --money, --volume and --price of a receipt agree within one step, and if not, by how much?',
    },
    json: { type: 'boolean', help: 'one JSON object; amounts are decimal strings' },
  },
  examples: [
    'forecourt price --price 7.39 --money 200.00 --member-price 7.19',
    'forecourt price --price 1.379 --volume 44.3 --currency EUR --json',
    'forecourt price --price 7.39 --money 200.00 --volume 27.06 --check',
  ],
  exitCodes: {
    0: 'priced; with --check: the receipt agrees',
    1: 'refused by name; with --check also: the receipt does not agree',
  },
  async run(input) {
    const request = readRequest(input);
    const answer = isSet(input, 'check') ? check(request) : price(request);
    const text = isSet(input, 'json') ? JSON.stringify(answer.fields) : toLines(answer.fields);
    process.stdout.write(`${text}\n`);
    return answer.exitCode;
  },
};

type Answer = { readonly exitCode: number; readonly fields: Readonly<Record<string, string | boolean | null>> };

function readRequest(input: CommandInput): PricingRequest {
  const currency = requiredText(command, input, 'currency');
  const digits = minorDigits(currency);
  if (digits === null) throw new UsageError(`--currency ${currency} is no ISO 4217 code`);
  const money = textOf(command, input, 'money');
  const volume = textOf(command, input, 'volume');
  const memberPrice = textOf(command, input, 'member-price');
  const pumpPriceMilli = readPrice('price', requiredText(command, input, 'price'));
  const memberPriceMilli = memberPrice === undefined ? null : readPrice('member-price', memberPrice);
  if (memberPriceMilli !== null && memberPriceMilli > pumpPriceMilli)
    throw new UsageError('--member-price is above --price');
  return {
    rules: {
      currency,
      unit: readUnit(requiredText(command, input, 'unit')),
      rounding: readRounding(requiredText(command, input, 'rounding')),
      volumeStepMilli: readDecimal('step', requiredText(command, input, 'step'), parseVolumeMilli, 1, volumeMilliMax),
      priceResolutionMilli: 1,
    },
    pumpPriceMilli,
    memberPriceMilli,
    moneyMinor: money === undefined ? null : readDecimal('money', money, (text) => parseMoneyMinor(text, currency)),
    volumeMilli: volume === undefined ? null : readDecimal('volume', volume, parseVolumeMilli),
  };
}

const readPrice = (name: string, text: string): number => readDecimal(name, text, parsePriceMilli, 1, priceMilliMax);

function price(request: PricingRequest): Answer {
  const priced = priceOrder(request);
  if (isRefusal(priced)) return refused(priced, request);
  return { exitCode: 0, fields: { ...describePriced(priced, request), ...describeRules(request) } };
}

/**
 * The receipt's own money and volume are kept as they stand; discount and payable are what follows from them. A receipt that no station could have
 * printed (an amount of zero, a volume off the step, nothing to pay) is refused by name, as an order would be.
 */
function check(request: PricingRequest): Answer {
  const priced = priceOrder(request);
  if (request.moneyMinor === null || request.volumeMilli === null)
    throw new UsageError('--check needs --money and --volume');
  if (!isRefusal(priced)) return checked(request, priced);
  if (priced.refusal !== 'money_volume_disagree') return refused(priced, request);
  // The discount goes by the volume alone, so that of the order by volume is this receipt's too.
  const byVolume = priceOrder({ ...request, moneyMinor: null });
  if (isRefusal(byVolume)) return refused(priced, request);
  const payableMinor = request.moneyMinor - byVolume.discountMinor;
  return checked(request, { ...byVolume, moneyMinor: request.moneyMinor, payableMinor });
}

function checked(request: PricingRequest, priced: PricedOrder): Answer {
  const { agrees, ...comparison } = compare(request, priced);
  return {
    exitCode: agrees ? 0 : 1,
    fields: { agrees, ...describePriced(priced, request), ...comparison, ...describeRules(request) },
  };
}

type Amounts = Pick<PricedOrder, 'moneyMinor' | 'volumeMilli'>;

function compare({ rules, pumpPriceMilli }: PricingRequest, { moneyMinor, volumeMilli }: Amounts) {
  const { agrees, ...found } = checkReceipt({ rules, pumpPriceMilli, moneyMinor, volumeMilli });
  const digits = requireMinorDigits(rules.currency);
  return {
    agrees,
    difference: formatDecimal(found.differenceMicro, 6, digits),
    tolerance: formatDecimal(found.toleranceMicro, 6, digits),
    expectedMoney: formatMoneyMinor(found.expectedMoneyMinor, rules.currency),
    expectedVolume: formatVolumeMilli(found.expectedVolumeMilli),
  };
}

/** Both were given and disagree: say by how much, since that is what the reader wants to know next. */
function refused({ refusal }: Refusal, request: PricingRequest): Answer {
  const { moneyMinor, volumeMilli } = request;
  const disagree = refusal === 'money_volume_disagree' && moneyMinor !== null && volumeMilli !== null;
  const more = disagree ? { ...compare(request, { moneyMinor, volumeMilli }), ...describeRules(request) } : {};
  return { exitCode: 1, fields: { refusal, text: problemOf(refusal).en, ...more } };
}

const describePriced = (priced: PricedOrder, { rules: { currency } }: PricingRequest) => ({
  volume: formatVolumeMilli(priced.volumeMilli),
  money: formatMoneyMinor(priced.moneyMinor, currency),
  discount: formatMoneyMinor(priced.discountMinor, currency),
  payable: formatMoneyMinor(priced.payableMinor, currency),
});

const describeRules = ({ rules, pumpPriceMilli, memberPriceMilli }: PricingRequest) => ({
  price: formatPriceMilli(pumpPriceMilli),
  memberPrice: memberPriceMilli === null ? null : formatPriceMilli(memberPriceMilli),
  currency: rules.currency,
  unit: rules.unit,
  step: formatVolumeMilli(rules.volumeStepMilli),
  rounding: rules.rounding,
});

function toLines(fields: Answer['fields']): string {
  const lines = Object.entries(fields).filter(([, value]) => value !== null);
  return lines.map(([name, value]) => `${name.padEnd(16)} ${value}`).join('\n');
}
