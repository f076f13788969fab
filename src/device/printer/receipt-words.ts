import type { ReceiptMessage } from '../receipt.message.ts';

/** Every word of the slip that is not the station's or the driver's own, in the two languages. */
export type ReceiptWords = {
  readonly title: string;
  readonly titleSecond: string;
  readonly reprint: (copy: number) => string;
  readonly station: string;
  readonly pump: string;
  readonly nozzle: string;
  readonly plate: string;
  readonly grade: string;
  readonly volume: string;
  readonly unitPrice: string;
  readonly memberPrice: string;
  readonly money: string;
  readonly discount: string;
  readonly payable: string;
  readonly paidBy: string;
  readonly paidAt: string;
  readonly order: string;
  readonly permitCode: string;
  readonly validUntil: string;
  readonly leave: readonly string[];
  readonly rounding: (rule: {
    readonly step: string;
    readonly unit: string;
    readonly mode: string;
    readonly smallest: string;
  }) => readonly string[];
  readonly units: Readonly<Record<ReceiptMessage['unit'], string>>;
  readonly roundingModes: Readonly<Record<ReceiptMessage['rounding'], string>>;
};

const titles = { zh: '放行凭证', en: 'PASSAGE PERMIT' } as const;

const chinese: ReceiptWords = {
  title: titles.zh,
  titleSecond: titles.en,
  reprint: (copy) => `补打 REPRINT ${copy}`,
  station: '站号',
  pump: '加油机',
  nozzle: '油枪',
  plate: '车牌',
  grade: '油品',
  volume: '加油量',
  unitPrice: '单价',
  memberPrice: '会员价',
  money: '金额',
  discount: '优惠',
  payable: '实付',
  paidBy: '支付方式',
  paidAt: '支付时间',
  order: '订单号',
  permitCode: '凭证码',
  validUntil: '有效期至',
  leave: ['本小票即离站放行凭证，', '请交工作人员查验。', '仅限本站，一次有效。'],
  rounding: ({ step, unit, mode, smallest }) => [
    `计量规则：加油量舍去至${step}${unit}，`,
    `金额${mode}至${smallest}。`,
  ],
  units: { l: '升', 'gal-us': '美加仑', 'gal-uk': '英加仑', kg: '千克' },
  roundingModes: { 'half-up': '四舍五入', 'half-even': '四舍六入五成双', down: '舍去尾数', up: '进位' },
};

const english: ReceiptWords = {
  title: titles.en,
  titleSecond: titles.zh,
  reprint: (copy) => `REPRINT ${copy} 补打`,
  station: 'Station',
  pump: 'PUMP',
  nozzle: 'Nozzle',
  plate: 'PLATE',
  grade: 'Grade',
  volume: 'Volume',
  unitPrice: 'Unit price',
  memberPrice: 'Member price',
  money: 'Amount',
  discount: 'Discount',
  payable: 'PAID',
  paidBy: 'Paid by',
  paidAt: 'Paid at',
  order: 'Order',
  permitCode: 'Permit code',
  validUntil: 'Valid until',
  leave: ['This slip permits you to leave.', 'Show it to staff or at the gate.', 'Valid once, at this station.'],
  rounding: ({ step, unit, mode, smallest }) => [
    `Rounding: volume down to ${step} ${unit},`,
    `money ${mode} to ${smallest}.`,
  ],
  units: { l: 'L', 'gal-us': 'US gal', 'gal-uk': 'UK gal', kg: 'kg' },
  roundingModes: { 'half-up': 'half up', 'half-even': 'half to even', down: 'down', up: 'up' },
};

/** A printer without Chinese letters prints in English, and leaves the Chinese second names out. */
const westernEnglish: ReceiptWords = { ...english, titleSecond: '', reprint: (copy) => `REPRINT ${copy}` };

export const receiptWords = (locale: ReceiptMessage['locale'], hasChinese: boolean): ReceiptWords =>
  hasChinese ? { 'zh-CN': chinese, en: english }[locale] : westernEnglish;

type MethodName = { readonly zh: string; readonly en: string };

const methodNames = new Map<string, MethodName>([
  ['wechat-pay', { zh: '微信支付', en: 'WeChat Pay' }],
  ['alipay', { zh: '支付宝', en: 'Alipay' }],
  ['card', { zh: '银行卡', en: 'Card' }],
  ['stripe', { zh: '银行卡', en: 'Card' }],
]);

/** A payment method's name in both languages, the driver's first; a method that has no words here is named by its id. */
export function methodName(method: string, locale: ReceiptMessage['locale'], hasChinese: boolean): string {
  const name = methodNames.get(method);
  if (name === undefined) return method;
  if (!hasChinese) return name.en;
  return locale === 'zh-CN' ? `${name.zh} ${name.en}` : `${name.en} ${name.zh}`;
}
