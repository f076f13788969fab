import { formatInstant } from '../base/clock.ts';
import { formatMoneyMinor } from '../base/money.ts';
import { formatPriceMilli, formatVolumeMilli } from '../base/volume.ts';
import type { PermitSlip, ReceiptMessage } from '../device/receipt.message.ts';
import type { Order } from '../order/order.ts';
import type { Attempt } from '../payment/attempt.ts';
import type { Permit } from '../permit/permit.ts';
import type { NewStationEvent } from '../station/station-feed.sql.ts';

/** What the station prints: the order as it was placed and paid, and its permit. */
export function composeSlip(order: Order, attempt: Attempt, permit: Permit): PermitSlip {
  return {
    permitId: permit.permitId,
    shortCode: permit.shortCode,
    token: permit.token,
    issuedAt: formatInstant(permit.issuedAt),
    expiresAt: formatInstant(permit.expiresAt),
    receipt: composeReceipt(order, attempt),
  };
}

function composeReceipt(order: Order, attempt: Attempt): ReceiptMessage {
  const { station } = order;
  const money = (minor: number): string => formatMoneyMinor(minor, order.currency);
  return {
    stationNumber: order.stationNumber,
    stationName: station.name,
    stationBrand: station.brand,
    stationAddress: station.address,
    timeZone: station.timeZone,
    locale: order.locale,
    pump: order.pump,
    nozzle: order.nozzle,
    grade: order.grade,
    unit: station.unit,
    currency: order.currency,
    volume: formatVolumeMilli(order.volumeMilli),
    pumpPrice: formatPriceMilli(order.pumpPriceMilli),
    memberPrice: order.memberPriceMilli === null ? null : formatPriceMilli(order.memberPriceMilli),
    money: money(order.moneyMinor),
    discount: money(order.discountMinor),
    payable: money(order.payableMinor),
    paidBy: attempt.provider,
    paidAt: formatInstant(attempt.paidAt ?? permitNeedsMoney(attempt)),
    plate: order.userPlate,
    orderId: order.orderId,
    volumeStep: formatVolumeMilli(station.volumeStepMilli),
    rounding: station.rounding,
  };
}

function permitNeedsMoney(attempt: Attempt): never {
  throw new Error(`attempt ${attempt.attemptRef} is not paid, so there is no slip for it`);
}

export const permitIssuedEvent = (order: Order, attempt: Attempt, permit: Permit): NewStationEvent => ({
  stationNumber: permit.stationNumber,
  body: { kind: 'permit.issued', slip: composeSlip(order, attempt, permit) },
});

export const permitRevokedEvent = (permit: Permit): NewStationEvent => ({
  stationNumber: permit.stationNumber,
  body: { kind: 'permit.revoked', permitId: permit.permitId },
});
