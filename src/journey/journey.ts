import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Database } from '../database/database.ts';
import { openSecret } from '../database/secret.sql.ts';
import { type SubscriptionWatch, watchSubscriptions } from '../outgoing/watch-subscriptions.ts';
import type { PaymentAccounts } from '../payment/account.ts';
import type { Attempt } from '../payment/attempt.ts';
import { cautiousTerms, type RefundTerms } from '../payment/refund.ts';
import { openPermitKeys } from '../permit/permit.sql.ts';
import type { PermitKey } from '../permit/permit-token.ts';
import { type StationWatch, watchStations } from '../station/watch-stations.ts';
import type { Alarm } from './alarm.ts';
import { createFeeds, createRecordReport, type Feeds, type RecordReport } from './deliver-permit.ts';
import { createEndOrder, type EndOrder } from './end-order.ts';
import { createOrderFeeds, type OrderFeeds } from './follow-order.ts';
import { createJanitor, type Janitor } from './janitor.ts';
import { tellMissingHourly } from './missing-account.ts';
import { createPlaceOrder, type PlaceOrder } from './place-order.ts';
import { createSettlePayment, type SettlePayment } from './settle-payment.ts';
import { createRecordDispense, type RecordDispense } from './record-dispense.ts';
import { createRefundOrder, type RefundOrder } from './refund-order.ts';
import type { Signal } from './signal.ts';
import { type ServiceWatch, watchServices } from './watch-services.ts';
import { createStartPayment, type StartPayment } from './start-payment.ts';

/** The steps of the method, in the order in which an order travels, on one database. */
export type Journey = {
  readonly db: Database;
  readonly stations: StationWatch;
  readonly placeOrder: PlaceOrder;
  readonly startPayment: StartPayment;
  readonly settlePayment: SettlePayment;
  readonly endOrder: EndOrder;
  readonly refundOrder: RefundOrder;
  readonly recordDispense: RecordDispense;
  /** For terminals. */
  readonly feeds: Feeds;
  /** For drivers. */
  readonly orderFeeds: OrderFeeds;
  readonly recordReport: RecordReport;
  readonly janitor: Janitor;
  readonly accounts: PaymentAccounts;
  readonly services: ServiceWatch;
  /** Who of the chain's own systems wants to be told what. */
  readonly subscriptions: SubscriptionWatch;
  readonly signal: Signal;
  readonly now: Clock;
  readonly permitKeys: readonly PermitKey[];
  readonly accessTokenSecret: Uint8Array;
  stop(): Promise<void>;
};

export type JourneyWorld = {
  readonly db: Database;
  readonly accounts: PaymentAccounts;
  readonly signal: Signal;
  readonly now: Clock;
  readonly random: Random;
  readonly alarm: Alarm;
  readonly publicUrl: () => string;
};

export async function openJourney(given: JourneyWorld): Promise<Journey> {
  const { db, signal } = given;
  const alarm = tellMissingHourly(given.alarm, given.now);
  const services = watchServices(given.accounts, alarm);
  const subscriptions = await watchSubscriptions(db, {
    now: given.now,
    onError: (error) => alarm('event_subscriptions_unread', { error: String(error) }),
  });
  const world = { ...given, alarm, accounts: services.accounts, services, wantsEvent: subscriptions.wants };
  const permitKeys = await openPermitKeys(db);
  const accessTokenSecret = await openSecret(db, 'access-token');
  const stations = await watchStations(db, {
    onError: (error) => alarm('stations_unread', { error: String(error) }),
  });
  const stopHearing = signal.onStationsChanged(() => void stations.refresh());
  const settlePayment = createSettlePayment({ ...world, permitKey: () => newestKey(permitKeys) });
  const refundTerms = (attempt: Attempt): RefundTerms => world.accounts.of(attempt)?.capabilities ?? cautiousTerms;
  const paying = { ...world, settle: settlePayment, refundTerms };
  const endOrder = createEndOrder(paying);
  return {
    db,
    stations,
    placeOrder: createPlaceOrder({ ...world, stations: () => stations.index() }),
    startPayment: createStartPayment(paying),
    settlePayment,
    endOrder,
    refundOrder: createRefundOrder(paying),
    recordDispense: createRecordDispense(paying),
    feeds: createFeeds(world),
    orderFeeds: createOrderFeeds(world),
    recordReport: createRecordReport(world),
    janitor: createJanitor({ ...paying, endOrder }),
    accounts: services.accounts,
    services,
    subscriptions,
    signal,
    now: world.now,
    permitKeys,
    accessTokenSecret,
    async stop() {
      stopHearing();
      await stations.stop();
      await subscriptions.stop();
    },
  };
}

function newestKey(keys: readonly PermitKey[]): PermitKey {
  const newest = keys.at(-1);
  if (newest === undefined) throw new Error('there is no key to sign permits with');
  return newest;
}
