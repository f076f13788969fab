import type { Transaction } from '../database/database.ts';
import type { Reading } from '../payment/bill.sql.ts';
import { keepDay } from '../payment/bill.sql.ts';
import { type BillPair, compareLine, newsOf } from '../payment/bill-match.ts';
import { bookFee } from '../payment/ledger.ts';
import { insertTransfers } from '../payment/ledger.sql.ts';
import { type PaymentProvider, ProviderError } from '../payment/provider/provider.ts';
import { findPairs, findPairsWithNews, type Lines } from '../payment/reconciliation.sql.ts';
import { callOptions, type CallWorld, raiseCallAlarm } from './call-provider.ts';
import { keepFindings, type Run } from './keep-findings.ts';
import { type BillWorld, dayLeaseMs } from './read-bill.ts';
import type { SettlePayment } from './settle-payment.ts';

export type MatchWorld = BillWorld & CallWorld & { readonly settle: Pick<SettlePayment, 'apply'> };

const sliceLines = 5_000;
const factsAtOnce = 200;

/** The lines of a reading, a slice at a time; the run says after each that it still has the day. */
async function* slicesOf(world: BillWorld, run: Run, reading: Reading): AsyncGenerator<Lines> {
  const { readingId, rowCount } = reading;
  for (let from = 1; from <= rowCount; from += sliceLines) {
    yield { readingId, day: run.sheet.day, from, to: from + sliceLines - 1 };
    await keepDay(world.db, run.sheet, world.now() + dayLeaseMs);
  }
}

/**
 * Every row that tells what we do not know is a fact and goes to the judge like any other: late money goes back, an order that still waits gets its
 * permit. Payments before refunds, since a refund of a payment that is not known yet says nothing.
 */
export async function applyBill(
  world: MatchWorld,
  provider: PaymentProvider,
  run: Run,
  reading: Reading,
): Promise<void> {
  for (const kind of ['payment', 'refund', 'other'] as const) {
    for await (const lines of slicesOf(world, run, reading)) {
      const pairs = (await findPairsWithNews(world.db, run.sheet, lines)).filter(
        (pair) => pair.kind === kind && !pair.isRepeated,
      );
      await world.db.transaction((tx) =>
        keepFindings(
          tx,
          run,
          pairs.flatMap((pair) => compareLine(pair, run.sheet).findings),
          'passing',
          world.now(),
        ),
      );
      for (let start = 0; start < pairs.length; start += factsAtOnce)
        await Promise.all(pairs.slice(start, start + factsAtOnce).map((pair) => applyRow(world, provider, pair)));
    }
  }
}

async function applyRow(world: MatchWorld, provider: PaymentProvider, pair: BillPair): Promise<void> {
  const news = newsOf(pair, provider, world.now());
  if (news === null) return;
  if (news.kind === 'fact') return void (await world.settle.apply({ provider, fact: news.fact }));
  try {
    const fact = await provider.queryRefund(news, callOptions());
    await world.settle.apply({ provider, fact: { ...fact, attemptRef: news.attemptRef } });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    raiseCallAlarm(world, news.attemptRef, error);
  }
}

/** How many rows of a bill agree with what we hold in everything. */
export type Matched = { readonly payments: number; readonly refunds: number };

/** Sets every row beside what we hold by now, books its fee, and keeps what does not agree. */
export async function matchBill(world: MatchWorld, run: Run, reading: Reading): Promise<Matched> {
  let payments = 0;
  let refunds = 0;
  for await (const lines of slicesOf(world, run, reading)) {
    const compared = (await findPairs(world.db, run.sheet, lines)).map((pair) => ({
      pair,
      ...compareLine(pair, run.sheet),
    }));
    const now = world.now();
    await world.db.transaction(async (tx) => {
      await bookFees(tx, run, compared, now);
      await keepFindings(
        tx,
        run,
        compared.flatMap(({ findings }) => findings),
        'standing',
        now,
      );
    });
    const agreeing = compared.filter(({ findings }) => findings.length === 0);
    payments += agreeing.filter(({ pair }) => pair.kind === 'payment').length;
    refunds += agreeing.filter(({ pair }) => pair.kind === 'refund').length;
  }
  return { payments, refunds };
}

type Compared = { readonly pair: BillPair; readonly feeMinor: number };

async function bookFees(tx: Transaction, run: Run, compared: readonly Compared[], madeAt: number): Promise<void> {
  await insertTransfers(
    tx,
    compared.flatMap(({ pair, feeMinor }) => {
      const { stationNumber, currency } = pair;
      const booking = { stationNumber, orderId: pair.attempt?.orderId ?? null, currency, madeAt };
      return bookFee(booking, run.sheet.provider, pair.rowRef, feeMinor) ?? [];
    }),
  );
}
