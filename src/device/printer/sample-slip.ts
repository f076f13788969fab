import type { PermitSlip, ReceiptMessage } from '../receipt.message.ts';

/** A made-up slip with every field, for the self-test of a new printer and for tests. Its token is none that a gate accepts. */
export const sampleSlip: PermitSlip = {
  permitId: '00112233445566aa',
  shortCode: 'K7QX-4M2P',
  token: `FP1:${'T89D0GK0CWH0GRB0C0T2M01'.repeat(9).slice(0, 202)}`,
  issuedAt: '2026-03-01T04:30:06.000Z',
  expiresAt: '2026-03-01T05:00:06.000Z',
  receipt: {
    stationNumber: 44012,
    stationName: '城东中心加油站',
    stationBrand: '前程石油',
    stationAddress: '北京市朝阳区东三环中路1号',
    timeZone: 'Asia/Shanghai',
    locale: 'zh-CN',
    pump: 3,
    nozzle: 2,
    grade: '92#',
    unit: 'l',
    currency: 'CNY',
    volume: '27.06',
    pumpPrice: '7.39',
    memberPrice: '7.19',
    money: '200.00',
    discount: '5.41',
    payable: '194.59',
    paidBy: 'wechat-pay',
    paidAt: '2026-03-01T04:30:05.000Z',
    plate: '京A12345',
    orderId: '0001B0D41M6K7QX4M2PZ0123',
    volumeStep: '0.01',
    rounding: 'half-up',
  },
};

/** The sample with some of its receipt's fields changed. */
export const sampleSlipWith = (receipt: Partial<ReceiptMessage>): PermitSlip => ({
  ...sampleSlip,
  receipt: { ...sampleSlip.receipt, ...receipt },
});
