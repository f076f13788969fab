import type { Station } from './station.ts';

/**
 * A dozen made-up stations at real places, for the demo, the tests and training. Numbers 1001 and 1002 lie within 100 m of each other, so that
 * a position alone cannot tell them apart; the rest stand alone. Four currencies and three units show that rounding is the station's data.
 */
export function sampleStations(validFrom: number): readonly Station[] {
  return samples.map((sample) => toStation(sample, validFrom));
}

/** Prices as [grade, official, pump, member] in thousandths; null where the trade there knows no such price. */
type Price = readonly [grade: string, official: number | null, pump: number, member: number | null];

type Sample = {
  readonly number: number;
  readonly name: string;
  readonly brand: string;
  readonly address: string;
  readonly place: readonly [latitude: number, longitude: number];
  readonly market: Market;
  readonly prices: readonly Price[];
  readonly pumps: number;
  readonly state?: Station['state'];
};

type Market = Pick<
  Station,
  | 'timeZone'
  | 'currency'
  | 'unit'
  | 'priceResolutionMilli'
  | 'volumeStepMilli'
  | 'rounding'
  | 'orderMoneyMinorMin'
  | 'orderMoneyMinorMax'
  | 'orderVolumeMilliMax'
  | 'methods'
>;

/** Chinese apps begin at 5 yuan; displays there show 0.01 l, 0.01 yuan and prices with two decimals. */
const china: Market = {
  timeZone: 'Asia/Shanghai',
  currency: 'CNY',
  unit: 'l',
  priceResolutionMilli: 10,
  volumeStepMilli: 10,
  rounding: 'half-up',
  orderMoneyMinorMin: 500,
  orderMoneyMinorMax: 500_000,
  orderVolumeMilliMax: 500_000,
  methods: ['wechat-pay', 'alipay', 'stripe'],
};

/** Merchants of WeChat Pay and Alipay settle yuan only. */
const euro: Market = {
  ...china,
  currency: 'EUR',
  priceResolutionMilli: 1,
  orderMoneyMinorMin: 100,
  orderMoneyMinorMax: 50_000,
  orderVolumeMilliMax: 300_000,
  methods: ['stripe'],
};

/** Prices in tenths of a cent, volume to 0.001 gallon. */
const america: Market = {
  ...euro,
  timeZone: 'America/Los_Angeles',
  currency: 'USD',
  unit: 'gal-us',
  priceResolutionMilli: 1,
  volumeStepMilli: 1,
  orderVolumeMilliMax: 80_000,
};

/** The yen has no smaller coin; amounts are cut, not rounded. */
const japan: Market = {
  ...euro,
  timeZone: 'Asia/Tokyo',
  currency: 'JPY',
  priceResolutionMilli: 1_000,
  rounding: 'down',
  orderMoneyMinorMin: 500,
  orderMoneyMinorMax: 50_000,
};

const chinaPrices: readonly Price[] = [
  ['92', 7_690, 7_390, 7_190],
  ['95', 8_180, 7_880, 7_660],
  ['98', 9_180, 8_880, 8_580],
  ['0#', 7_320, 7_020, 6_850],
];
const chinaSouthPrices: readonly Price[] = [
  ['92', 7_750, 7_550, 7_320],
  ['95', 8_400, 8_150, 7_900],
  ['0#', 7_350, 7_150, 6_980],
];

const samples: readonly Sample[] = [
  {
    number: 1001,
    name: '晨光加油站（望京西）',
    brand: '晨光石油',
    address: '北京市朝阳区望京西路18号',
    place: [39.99612, 116.4664],
    market: china,
    prices: chinaPrices,
    pumps: 6,
  },
  {
    number: 1002,
    name: '北辰加油站（望京西）',
    brand: '北辰能源',
    address: '北京市朝阳区望京西路21号',
    place: [39.99668, 116.46706],
    market: china,
    prices: [
      ['92', 7_690, 7_450, 7_250],
      ['95', 8_180, 7_950, 7_750],
    ],
    pumps: 4,
  },
  {
    number: 1003,
    name: '晨光加油站（陆家嘴）',
    brand: '晨光石油',
    address: '上海市浦东新区浦电路88号',
    place: [31.22845, 121.52634],
    market: china,
    prices: chinaPrices,
    pumps: 8,
  },
  {
    number: 1004,
    name: '珠江加油站（天河东）',
    brand: '珠江石化',
    address: '广东省广州市天河区天河东路156号',
    place: [23.13742, 113.33561],
    market: china,
    prices: chinaSouthPrices,
    pumps: 6,
  },
  {
    number: 1005,
    name: '鹏程加油站（科技园）',
    brand: '鹏程能源',
    address: '广东省深圳市南山区科苑南路66号',
    place: [22.53318, 113.94472],
    market: china,
    prices: chinaSouthPrices,
    pumps: 6,
  },
  {
    number: 1006,
    name: '锦城加油站（高新）',
    brand: '锦城油品',
    address: '四川省成都市武侯区天府大道中段300号',
    place: [30.54728, 104.06637],
    market: china,
    prices: chinaPrices,
    pumps: 4,
  },
  {
    number: 1007,
    name: '江城加油站（光谷）',
    brand: '江城石化',
    address: '湖北省武汉市洪山区珞喻路726号',
    place: [30.50784, 114.39825],
    market: china,
    prices: chinaPrices,
    pumps: 4,
  },
  {
    number: 1008,
    name: '古都加油站（雁塔）',
    brand: '古都能源',
    address: '陕西省西安市雁塔区雁塔南路55号',
    place: [34.20836, 108.96472],
    market: china,
    prices: chinaPrices,
    pumps: 4,
    state: 'closed',
  },
  {
    number: 2001,
    name: 'Relais des Collines',
    brand: 'Collines',
    address: '12 avenue de Genève, 74000 Annecy',
    place: [45.91763, 6.12041],
    market: { ...euro, timeZone: 'Europe/Paris' },
    prices: [
      ['E10', null, 1_789, 1_769],
      ['SP98', null, 1_899, 1_879],
      ['Gazole', null, 1_699, 1_684],
    ],
    pumps: 4,
  },
  {
    number: 2002,
    name: 'Nordlicht Tankstelle',
    brand: 'Nordlicht',
    address: 'Kieler Straße 410, 22525 Hamburg',
    place: [53.59847, 9.92268],
    market: { ...euro, timeZone: 'Europe/Berlin' },
    prices: [
      ['Super E5', null, 1_839, null],
      ['Super E10', null, 1_779, null],
      ['Diesel', null, 1_699, 1_679],
    ],
    pumps: 6,
  },
  {
    number: 3001,
    name: 'Cascade Fuel Stop',
    brand: 'Cascade',
    address: '1420 Rainier Ave S, Seattle, WA 98144',
    place: [47.59021, -122.31066],
    market: america,
    prices: [
      ['Regular', null, 4_459, 4_359],
      ['Premium', null, 4_959, 4_859],
      ['Diesel', null, 4_899, null],
    ],
    pumps: 8,
  },
  {
    number: 4001,
    name: 'みどり給油所 世田谷',
    brand: 'みどり石油',
    address: '東京都世田谷区上馬4-12-3',
    place: [35.63174, 139.66518],
    market: japan,
    prices: [
      ['レギュラー', null, 172_000, 169_000],
      ['ハイオク', null, 183_000, 180_000],
      ['軽油', null, 151_000, null],
    ],
    pumps: 4,
  },
];

/** Each pump has one nozzle of every grade, numbered through the station as in China, so that a nozzle's number names its pump. */
function toStation(
  { number, place: [latitude, longitude], market, prices, pumps, ...named }: Sample,
  validFrom: number,
): Station {
  return {
    stationNumber: number,
    name: named.name,
    brand: named.brand,
    address: named.address,
    latitude,
    longitude,
    ...market,
    state: named.state ?? 'open',
    nozzles: Array.from({ length: pumps }, (_, pump) =>
      prices.map(([grade], at) => ({ pump: pump + 1, nozzle: pump * prices.length + at + 1, grade })),
    ).flat(),
    grades: prices.map(([grade, officialPriceMilli, pumpPriceMilli, memberPriceMilli]) => ({
      grade,
      officialPriceMilli,
      pumpPriceMilli,
      memberPriceMilli,
      validFrom,
      validUntil: null,
    })),
  };
}
