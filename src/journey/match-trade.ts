import { formatInstant } from '../base/clock.ts';
import { keepDay } from '../payment/bill.sql.ts';
import type { Finding } from '../payment/difference.ts';
import type { Window } from '../payment/reconciliation.sql.ts';
import { surroundingsOf } from './difference-surroundings.ts';
import { keepFindings, type Run } from './keep-findings.ts';
import { type BillWorld, dayLeaseMs } from './read-bill.ts';
import { findTradeLines, type TradeKind, tradeKinds, type TradeLine } from './trade.sql.ts';

const pageMax = 1_000;

/** The four-way report of the trade: money, permit and paper of a day, each without the other. */
export async function matchTrade(world: BillWorld, run: Run, window: Window): Promise<void> {
  for (const kind of tradeKinds) {
    let last: TradeLine | null = null;
    for (;;) {
      const wish = { ...run.sheet, ...window };
      const page: readonly TradeLine[] = await findTradeLines(world.db, kind, wish, last, pageMax);
      const around = await surroundingsOf(world.db, page);
      const findings = page.map((line) => toFinding(kind, line, around.get(line.orderId) ?? {}));
      await world.db.transaction((tx) => keepFindings(tx, run, findings, 'standing', world.now()));
      await keepDay(world.db, run.sheet, world.now() + dayLeaseMs);
      last = page.at(-1) ?? null;
      if (page.length < pageMax) break;
    }
  }
}

const toFinding = (kind: TradeKind, line: TradeLine, around: Finding['around']): Finding => ({
  kind,
  reference: line.reference,
  stationNumber: line.stationNumber,
  orderId: line.orderId,
  facts: { hereMinor: line.amountMinor, currency: line.currency, at: formatInstant(line.at) },
  around,
  surplus: [],
});
