import fc from 'fast-check';
import { isRefusal } from '../../../base/problem.ts';
import { permitAfter } from '../../../permit/permit.ts';
import type { PermitReport } from '../../../permit/report.sql.ts';
import { changeBooks, store } from '../steps/change-books.ts';
import { act, type Happening, place } from './happening.ts';
import { type House, money, say, serviceOf } from '../house.ts';
import type { Step } from '../steps/step.ts';

/** What happens at the station: its terminal reports, its gate lets the driver out, its staff give money back and say what the pump gave. */

const states = ['sent', 'printed', 'printed', 'processed', 'unconfirmed', 'undeliverable'] as const;

export const terminalReports: fc.Arbitrary<Happening> = fc
  .record({ state: fc.constantFrom(...states), again: fc.boolean(), place })
  .map(({ state, again, place }) => (house) => {
    const { permit } = house.rows.books;
    if (permit === null) return;
    if (!again) house.requests += 1;
    const report: PermitReport = {
      stationNumber: permit.stationNumber,
      permitId: permit.permitId,
      reportId: `report-${house.requests}`,
      state,
      reason: null,
      deviceId: 'printer-1',
      deviceRef: null,
      reportedAt: house.now,
      receivedAt: house.now,
    };
    act(house, `the terminal reports: ${state}`, place, () => recordReport(house, report));
  });

/** As `recordReports`: each report counts once. */
function* recordReport(house: House, report: PermitReport): Step<void> {
  const old = house.rows.books;
  yield 'rows';
  const { reports, books } = house.rows;
  if (reports.has(report.reportId)) return;
  reports.add(report.reportId);
  store(house, { books: house.rules.decideReport(house.rules.locksBooks ? books : old, report) });
}

/** The gate looks at the token alone and tells the cloud afterwards; a permit that is void by then stays void. */
export const gateOpens: fc.Arbitrary<Happening> = place.map((at) => (house) => {
  const { permit } = house.rows.books;
  if (permit === null || !['printed', 'processed', 'unconfirmed'].includes(permit.state)) return;
  act(house, 'the driver leaves with his permit', at, () =>
    changeBooks(house, (books, now) =>
      books.permit === null
        ? null
        : {
            books: {
              ...books,
              permit: { ...books.permit, state: permitAfter(books.permit.state, 'redeemed'), stateAt: now },
            },
          },
    ),
  );
});

export const staffGiveBack: fc.Arbitrary<Happening> = fc
  .record({ share: fc.constantFrom(4, 4, 2, 1, 0.5), again: fc.boolean(), evenIfRedeemed: fc.boolean(), place })
  .map(({ share, again, evenIfRedeemed, place }) => (house) => {
    if (house.rows.books.permit === null) return;
    if (!again) house.requests += 1;
    const wish = {
      idempotencyKey: `staff-${house.requests}`,
      amountMinor: share === 1 ? null : Math.ceil(house.rows.books.order.payableMinor / share),
      reason: 'the driver asked for it',
      by: evenIfRedeemed ? 'an operator' : 'Wang',
      evenIfRedeemed,
    };
    const sum = wish.amountMinor === null ? 'all' : money(wish.amountMinor);
    act(
      house,
      `staff give ${sum} back${again ? ', again' : ''}${evenIfRedeemed ? ', by the word of an operator' : ''}`,
      place,
      () => decided(house, (books, now) => house.rules.decideStaffRefund(books, wish, termsOf(house), now)),
    );
  });

export const pumpStops: fc.Arbitrary<Happening> = fc
  .record({ percent: fc.constantFrom(100, 60, 1, 0, 105), place })
  .map(({ percent, place }) => (house) => {
    const { order, permit } = house.rows.books;
    if (permit === null) return;
    const volumeMilli = Math.floor((order.volumeMilli * percent) / 1_000) * 10;
    const wish = { volumeMilli, by: 'Wang', source: 'staff' as const };
    act(house, `staff say that the pump gave ${percent} % of it`, place, () =>
      decided(house, (books, now) => house.rules.decideDispense(books, wish, termsOf(house), now)),
    );
  });

const termsOf = (house: House) => (attempt: { readonly provider: string }) =>
  serviceOf(house, attempt.provider).account.capabilities;

function* decided(house: House, decide: Parameters<typeof changeBooks>[1]): Step<void> {
  const answer = yield* changeBooks(house, decide);
  if (!isRefusal(answer)) return;
  say(house, `    refused: ${answer.refusal}`);
  house.reached.add(`refused ${answer.refusal}`);
}
