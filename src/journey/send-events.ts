import { type Batcher, createBatcher } from '../base/batcher.ts';
import { type Clock, minuteMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Database } from '../database/database.ts';
import { findOrders } from '../order/order.sql.ts';
import { type Delivery, deliveryAfter, isDelivered, saysGone, toTry } from '../outgoing/delivery.ts';
import { claimDeliveries, recordTries, type TriedDelivery } from '../outgoing/delivery.sql.ts';
import { eventKeptMs, writeEventBody } from '../outgoing/outgoing-event.ts';
import type { PersonMessage } from '../outgoing/outgoing-event.message.ts';
import { pruneOutgoingEvents } from '../outgoing/outgoing-event.sql.ts';
import type { PostEvent } from '../outgoing/post-event.ts';
import { signEvent } from '../outgoing/signature.ts';
import { failingMsMax, signingSecrets, type Subscription } from '../outgoing/subscription.ts';
import { findSubscriptionsToServe, noteReception } from '../outgoing/subscription.sql.ts';
import type { SubscriptionWatch } from '../outgoing/watch-subscriptions.ts';
import type { Alarm } from './alarm.ts';

/**
 * Tells the chain's own systems what happened. Each event is sent until it was taken once; a node that dies between sending and writing that down
 * leads to a second sending under the same id, never to none. Work is taken from the rows with `skip locked` and a lease, so any number of nodes may run one.
 */
export type SendEvents = {
  /** Looks for what is due and begins to send it, each subscription by itself, so that one that is slow keeps no other waiting. */
  begin(): Promise<void>;
  /** Resolves when nothing is being sent on this node. */
  settled(): Promise<void>;
  /** Takes nothing more, and resolves when what was taken has been sent, which `postMsMax` bounds. */
  stop(): Promise<void>;
};

export type SendWorld = {
  readonly db: Database;
  readonly now: Clock;
  readonly random: Random;
  readonly alarm: Alarm;
  readonly subscriptions: Pick<SubscriptionWatch, 'any'>;
  readonly post: PostEvent;
};

/** One receiver is called so often at once by one node. */
const callsAtOnceMax = 16;
/** Longer than a call may take (`postMsMax`), with time to write down how it went. */
const leaseMs = 60_000;
/** A receiver that takes all it is given is served on, up to so many rounds; then its subscription is read anew, with its secrets. */
const roundsMax = 20;
const pruneEveryMs = minuteMs;
const eventsPrunedMax = 1_000;

export function createSendEvents(world: SendWorld): SendEvents {
  const serving = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let prunedAt = Number.NEGATIVE_INFINITY;

  function serveAlone(subscription: Subscription): void {
    const { subscriptionId } = subscription;
    if (stopping.signal.aborted || serving.has(subscriptionId)) return;
    const work = serve(world, subscription, stopping.signal)
      .catch((error: unknown) => world.alarm('events_unsent', { subscriptionId, error: String(error) }))
      .finally(() => serving.delete(subscriptionId));
    serving.set(subscriptionId, work);
  }

  async function settled(): Promise<void> {
    await Promise.all(serving.values());
  }

  return {
    async begin() {
      if (world.now() - prunedAt >= pruneEveryMs) {
        const now = world.now();
        const prunedCount = await pruneOutgoingEvents(world.db, now - eventKeptMs, eventsPrunedMax);
        // Where there may be more, the next round goes on.
        if (prunedCount < eventsPrunedMax) prunedAt = now;
      }
      if (!world.subscriptions.any()) return;
      for (const subscription of await findSubscriptionsToServe(world.db, world.now())) serveAlone(subscription);
    },
    settled,
    async stop() {
      stopping.abort();
      await settled();
    },
  };
}

/** A round that met a failure is the last for now: who is in trouble is not pressed. */
async function serve(world: SendWorld, subscription: Subscription, stopping: AbortSignal): Promise<void> {
  const record = createRecordTry(world, subscription);
  for (let round = 0; round < roundsMax && !stopping.aborted; round += 1) {
    const deliveries = await claimDeliveries(
      world.db,
      subscription.subscriptionId,
      world.now(),
      leaseMs,
      callsAtOnceMax,
    );
    if (deliveries.length === 0) return;
    const persons = await findPersons(world, subscription, deliveries);
    const sending = deliveries.map((delivery) =>
      send(world, subscription, delivery, persons.get(delivery.orderId) ?? null, record),
    );
    // All are waited for, also where one could not be written down.
    const done = await Promise.allSettled(sending);
    const failure = done.find((one) => one.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    if (!done.every((one) => one.status === 'fulfilled' && one.value)) return;
  }
}

type Recorded = { readonly tried: TriedDelivery; readonly gone: boolean };
type RecordTry = Batcher<Recorded, undefined>;

/** Tries are written down as they end, those of one moment together, with what they say of the subscription. */
function createRecordTry(world: SendWorld, { subscriptionId }: Subscription): RecordTry {
  return createBatcher<Recorded, undefined>({
    batchMax: callsAtOnceMax,
    async store(recorded) {
      const disabledBecause = await world.db.transaction(async (tx) => {
        await recordTries(
          tx,
          recorded.map(({ tried }) => tried),
        );
        const reception = {
          subscriptionId,
          delivered: recorded.some(({ tried }) => tried.state === 'delivered'),
          gone: recorded.some(({ gone }) => gone),
        };
        return noteReception(tx, reception, world.now(), failingMsMax);
      });
      if (disabledBecause !== null)
        world.alarm('event_subscription_disabled', { subscriptionId, why: disabledBecause });
      return recorded.map(() => undefined);
    },
  });
}

/** Names are not copied into events: they are read when they are sent, and are gone where the order has lost them. */
async function findPersons(
  { db }: SendWorld,
  { withPerson }: Subscription,
  deliveries: readonly Delivery[],
): Promise<ReadonlyMap<string, PersonMessage>> {
  if (!withPerson) return new Map();
  const orders = await findOrders(db, deliveries);
  return new Map(
    orders.map(({ orderId, userName, userPhone, userPlate }) => [
      orderId,
      { name: userName, phone: userPhone, plate: userPlate },
    ]),
  );
}

/** Gives whether it was delivered. */
async function send(
  world: SendWorld,
  subscription: Subscription,
  delivery: Delivery,
  person: PersonMessage | null,
  record: RecordTry,
): Promise<boolean> {
  const sentAt = world.now();
  const body = writeEventBody(delivery, person);
  const headers = signEvent({ eventId: delivery.eventId, sentAt, body }, signingSecrets(subscription, sentAt));
  const outcome = await world.post({ url: subscription.url, headers, body });
  const now = world.now();
  const tried = {
    ...toTry(outcome, sentAt, now - sentAt),
    ...deliveryAfter(delivery.tries, outcome, now, world.random),
    stationNumber: delivery.stationNumber,
    eventId: delivery.eventId,
    subscriptionId: delivery.subscriptionId,
    leasedUntil: delivery.leasedUntil,
  };
  await record({ tried, gone: saysGone(outcome) });
  return isDelivered(outcome);
}
