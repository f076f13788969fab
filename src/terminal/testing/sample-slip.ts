import { formatInstant, minuteMs } from '../../base/clock.ts';
import type { PermitSlip } from '../../device/receipt.message.ts';

/** A slip as the cloud would send it; `number` makes its permit id. */
export function sampleSlip(number: number, issuedAtMs: number, validMs: number = 30 * minuteMs): PermitSlip {
  return {
    permitId: number.toString(16).padStart(16, '0'),
    shortCode: `AB${number}`,
    token: 'FP1:0123456789ABCDEF',
    issuedAt: formatInstant(issuedAtMs),
    expiresAt: formatInstant(issuedAtMs + validMs),
    receipt: {
      stationNumber: 44012,
      stationName: '中心加油站',
      stationBrand: null,
      stationAddress: '人民路1号',
      timeZone: 'Asia/Shanghai',
      locale: 'zh-CN',
      pump: 3,
      nozzle: null,
      grade: '95',
      unit: 'l',
      currency: 'CNY',
      volume: '27.06',
      pumpPrice: '7.39',
      memberPrice: null,
      money: '200.00',
      discount: '0.00',
      payable: '200.00',
      paidBy: 'wechat-pay',
      paidAt: formatInstant(issuedAtMs),
      plate: '京A12345',
      orderId: `001AZC${String(number).padStart(18, '0')}`,
      volumeStep: '0.01',
      rounding: 'half-up',
    },
  };
}
