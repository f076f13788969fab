import type { OrderMessage } from '../../../order/order.message.ts';
import type { PaymentMessage } from '../../../payment/payment.message.ts';
import type { StationMessage } from '../../../station/station.message.ts';

/** A station, an order and a payment as the cloud sends them, for the tests of the pages. */
export const sampleStation: StationMessage = {
  stationNumber: 44012,
  name: '城北加油站',
  brand: null,
  address: '北京市海淀区',
  latitude: 39.98,
  longitude: 116.31,
  timeZone: 'Asia/Shanghai',
  currency: 'CNY',
  unit: 'l',
  priceResolution: '0.01',
  volumeStep: '0.01',
  rounding: 'half-up',
  orderMoneyMin: '10.00',
  orderMoneyMax: '2000.00',
  orderVolumeMax: '200.00',
  state: 'open',
  methods: ['wechat-pay', 'alipay'],
  nozzles: [
    { pump: 3, nozzle: 5, grade: '92' },
    { pump: 1, nozzle: 1, grade: '92' },
    { pump: 1, nozzle: 2, grade: '95' },
  ],
  grades: [
    {
      grade: '92',
      officialPrice: '7.50',
      pumpPrice: '7.39',
      memberPrice: '7.19',
      validFrom: '2026-01-01T00:00:00Z',
      validUntil: null,
    },
    {
      grade: '95',
      officialPrice: null,
      pumpPrice: '7.86',
      memberPrice: null,
      validFrom: '2026-01-01T00:00:00Z',
      validUntil: null,
    },
  ],
};

export const samplePayment: PaymentMessage = {
  attemptRef: '001AZC01KQ2Z7P4M8N6T5R3W01',
  method: 'wechat-pay',
  surface: 'wechat.h5',
  state: 'pending',
  unknown: false,
  next: null,
  nextExpiresAt: null,
  paidAt: null,
};

export const sampleOrder: OrderMessage = {
  orderId: '001AZC01KQ2Z7P4M8N6T5R3W',
  state: 'placed',
  station: {
    stationNumber: 44012,
    name: '城北加油站',
    brand: null,
    address: '北京市海淀区',
    timeZone: 'Asia/Shanghai',
    methods: ['wechat-pay'],
  },
  grade: '92',
  pump: 3,
  nozzle: null,
  unit: 'l',
  currency: 'CNY',
  volumeStep: '0.01',
  rounding: 'half-up',
  officialPrice: '7.50',
  pumpPrice: '7.39',
  memberPrice: '7.19',
  money: '200.00',
  volume: '27.06',
  discount: '5.41',
  payable: '194.59',
  user: { name: null, phone: null, plate: null },
  locale: 'zh-CN',
  placedAt: '2026-01-01T00:00:00.000Z',
  priceHeldUntil: '2026-01-01T00:15:00.000Z',
  expiresAt: '2026-01-01T00:15:00.000Z',
  payment: null,
  refunds: [],
  permit: null,
  dispensed: null,
};

export const sampleRefund: OrderMessage['refunds'][number] = {
  refundRef: 'R001AZC01KQ2Z7P4M8N6T5R3W01_staff',
  state: 'requested',
  amount: '194.59',
  reason: 'staff',
  promisedBy: '2026-01-04T00:05:00.000Z',
};

export const samplePermit: NonNullable<OrderMessage['permit']> = {
  permitId: '0123456789abcdef',
  shortCode: '7K4M-9QXT',
  token: 'FP1:9T3A0N8H5R2M',
  issuedAt: '2026-01-01T00:05:00.000Z',
  expiresAt: '2026-01-01T00:35:00.000Z',
  state: 'issued',
};
