import { dayMs, minuteMs } from '../../base/clock.ts';
import { isOpen, lateMoneyGraceMs } from '../../payment/attempt.ts';
import type { Refund } from '../../payment/refund.ts';
import { judgeAfterMs } from '../janitor.ts';
import { checkAgreement, checkNothingIsOpen, isLateSlip } from './invariants/end-invariants.ts';
import { goRound } from './steps/go-round.ts';
import { type House, say } from './house.ts';
import { Broken } from './invariants/invariants.ts';
import { isTakenThere } from './invariants/left-to-people.ts';
import { readBill } from './steps/read-bill.ts';
import { finishRefund, letTimePass } from './service/service-people.ts';
import { begin, goOn, type Step, toTheEnd } from './steps/step.ts';
import { stateThere } from './invariants/truth.ts';

/**
 * The end of a run: all works again, what was lost stays lost, and the janitor goes round until there is nothing left to do. Then the books and the
 * truth must agree; what only a bill can tell, after the bills of the day.
 */
export function playLastDay(house: House): void {
  say(house, 'all works again; what was lost stays lost');
  for (const { account } of house.services) house.weather[account.id] = 'fine';
  house.late.length = 0;
  // What waited for another of its own node goes on after that one.
  for (let turn = 0; turn < 2; turn += 1) for (const work of house.paused.splice(0)) goOn(house, work, toTheEnd);
  comeToRest(house);
  checkNothingIsOpen(house, 'before the bill');
  say(house, 'a day passes, and the bills are read');
  pass(house, dayMs);
  for (const service of house.services) work(house, readBill(house, service));
  comeToRest(house);
  checkNothingIsOpen(house, 'after the bill');
  checkAgreement(house);
}

function work(house: House, step: Step<unknown>): void {
  begin(house, '', house.nodes[0], step, toTheEnd);
  house.check(house.rows.books);
}

/** An order's codes are looked after each half minute while they can be paid. */
const roundsMax = 200;
const roundMsMin = 1_000;

function comeToRest(house: House): void {
  for (let round = 0; round < roundsMax; round += 1) {
    work(house, goRound(house));
    endRefundsThere(house);
    const next = nextDueAt(house);
    if (next === null) return;
    pass(house, Math.max(next - house.now, roundMsMin));
  }
  throw new Broken('the janitor comes to rest', `there was still something to do after ${roundsMax} rounds`);
}

function pass(house: House, ms: number): void {
  house.now += ms;
  for (const service of house.services) letTimePass(service, house.now);
}

/** The services end what they began. */
function endRefundsThere(house: House): void {
  for (const service of house.services)
    for (const trade of service.trades.values())
      for (const refund of trade.refunds)
        if (refund.state === 'processing') finishRefund(service, trade, refund, 'succeeded', house.now);
}

/** When there is something to do next, or null. */
function nextDueAt(house: House): number | null {
  const { books, kept } = house.rows;
  const { order, attempts, permit, refunds } = books;
  const { promiseMs } = house.circumstances;
  const isPromised = promiseMs !== null && permit !== null && isLateSlip(house, permit);
  const times = [
    ...attempts.flatMap(({ pollAt }) => pollAt ?? []),
    ...refunds.filter((refund) => canGoOn(house, refund)).flatMap(({ nextTryAt }) => nextTryAt ?? []),
    ...[...kept.values()]
      .filter(({ judged }) => !judged)
      .map(({ receivedAt, claimedUntil }) => Math.max(receivedAt + judgeAfterMs, claimedUntil)),
    ...(isPromised ? [permit.issuedAt + promiseMs] : []),
  ];
  if (order.state !== 'placed') return times.length === 0 ? null : Math.min(...times);
  // Nobody pays any more: what is asked for before the order's end brings nothing new.
  if (house.now < order.expiresAt) return order.expiresAt;
  const waitsMs = attempts.some(isOpen) ? lateMoneyGraceMs + minuteMs : 0;
  return Math.min(order.expiresAt + waitsMs, ...times);
}

/** Refunds that a person has not mended are looked at for ever, and those that the service refuses are asked for. */
const canGoOn = (house: House, refund: Refund): boolean =>
  refund.state === 'abnormal'
    ? stateThere(house, refund) === 'succeeded'
    : refund.state !== 'succeeded' && !isTakenThere(house, refund);
