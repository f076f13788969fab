import type { Queries } from '../database/database.ts';
import { oldSecretMs, type Subscription, subscriptionsMax } from './subscription.ts';

const columns = `
  s.subscription_id as "subscriptionId", s.url, s.types, s.station_numbers as "stationNumbers", s.with_person as "withPerson", s.secret,
  s.old_secret as "oldSecret", s.old_secret_until as "oldSecretUntil", s.state, s.disabled_because as "disabledBecause",
  s.failing_since as "failingSince", s.made_at as "madeAt"`;

export type NewSubscription = Pick<
  Subscription,
  'subscriptionId' | 'url' | 'types' | 'stationNumbers' | 'withPerson' | 'secret' | 'madeAt'
>;

/** Stores a subscription; false where there are `subscriptionsMax` already. */
export async function insertSubscription(db: Queries, subscription: NewSubscription): Promise<boolean> {
  const { subscriptionId, url, types, stationNumbers, withPerson, secret, madeAt } = subscription;
  const rows = await db.query(
    `insert into event_subscriptions (subscription_id, url, types, station_numbers, with_person, secret, state, made_at)
     select $1, $2, $3::text[], $4::integer[], $5::boolean, $6::bytea, 'active', to_timestamp($7::bigint / 1000.0)
     where (select count(*) from event_subscriptions where state <> 'ended') < $8
     returning subscription_id`,
    [subscriptionId, url, types, stationNumbers, withPerson, secret, madeAt, subscriptionsMax],
  );
  return rows.length > 0;
}

/** What each active subscription wants. */
export async function findWishes(db: Queries): Promise<readonly Pick<Subscription, 'types' | 'stationNumbers'>[]> {
  return db.query<Pick<Subscription, 'types' | 'stationNumbers'>>(
    `select types, station_numbers as "stationNumbers" from event_subscriptions where state = 'active' limit ${subscriptionsMax}`,
  );
}

export type SubscriptionLine = Subscription & { readonly waiting: number; readonly givenUp: number };

/** All that have not ended, oldest first, with how many of their kept deliveries wait and how many were given up. */
export async function listSubscriptions(db: Queries): Promise<readonly SubscriptionLine[]> {
  return db.query<SubscriptionLine>(
    `select ${columns},
       (select count(*) from event_deliveries d where d.subscription_id = s.subscription_id and d.next_try_at is not null) as waiting,
       (select count(*) from event_deliveries d where d.subscription_id = s.subscription_id and d.state = 'given_up') as "givenUp"
     from event_subscriptions s
     where s.state <> 'ended' order by s.made_at, s.subscription_id`,
  );
}

/** The active subscriptions that have a delivery whose time has come. */
export async function findSubscriptionsToServe(db: Queries, now: number): Promise<readonly Subscription[]> {
  return db.query<Subscription>(
    `select ${columns} from event_subscriptions s where s.state = 'active' and exists (
       select from event_deliveries d where d.subscription_id = s.subscription_id and d.next_try_at <= to_timestamp($1::bigint / 1000.0))`,
    [now],
  );
}

/** Gives a subscription another secret, and the one before a day more. False where it has ended or never was. */
export async function rotateSecret(
  db: Queries,
  subscriptionId: string,
  secret: Uint8Array,
  now: number,
): Promise<boolean> {
  const rows = await db.query(
    `update event_subscriptions set old_secret = secret, old_secret_until = to_timestamp($3::bigint / 1000.0), secret = $2
     where subscription_id = $1 and state <> 'ended' returning subscription_id`,
    [subscriptionId, secret, now + oldSecretMs],
  );
  return rows.length > 0;
}

/** Ends a subscription: what waits for it is dropped, its secrets are forgotten, its log stays. False where it has ended or never was. */
export async function endSubscription(db: Queries, subscriptionId: string): Promise<boolean> {
  const rows = await db.query(
    `with ended as (
       update event_subscriptions set state = 'ended', disabled_because = null, secret = null, old_secret = null, old_secret_until = null
       where subscription_id = $1 and state <> 'ended' returning subscription_id
     ), dropped as (
       update event_deliveries d set state = 'dropped', next_try_at = null from ended
       where d.subscription_id = ended.subscription_id and d.next_try_at is not null
     )
     select subscription_id from ended`,
    [subscriptionId],
  );
  return rows.length > 0;
}

/** A disabled subscription is served again, beginning with what still waits for it. False where it is not disabled. */
export async function resumeSubscription(db: Queries, subscriptionId: string): Promise<boolean> {
  const rows = await db.query(
    `update event_subscriptions set state = 'active', disabled_because = null, failing_since = null
     where subscription_id = $1 and state = 'disabled' returning subscription_id`,
    [subscriptionId],
  );
  return rows.length > 0;
}

/** How a subscription did lately. */
export type Reception = { readonly subscriptionId: string; readonly delivered: boolean; readonly gone: boolean };

/**
 * Notes how a subscription did: a delivery ends its failing, a failure begins it; where the receiver said that it is gone, or has failed for longer than
 * `failingMsMax`, it is disabled. Gives why, or null where it goes on.
 */
export async function noteReception(
  db: Queries,
  { subscriptionId, delivered, gone }: Reception,
  now: number,
  failingMsMax: number,
): Promise<'gone' | 'failing' | null> {
  const [row] = await db.query<{ disabledBecause: 'gone' | 'failing' | null }>(
    `update event_subscriptions set
       failing_since = case when $2 then null else coalesce(failing_since, to_timestamp($4::bigint / 1000.0)) end,
       state = case when $3 or (not $2 and failing_since <= to_timestamp($5::bigint / 1000.0)) then 'disabled' else state end,
       disabled_because = case when $3 then 'gone'
         when not $2 and failing_since <= to_timestamp($5::bigint / 1000.0) then 'failing' end
     where subscription_id = $1 and state = 'active'
       and ($3 or (failing_since is null) <> $2 or (not $2 and failing_since <= to_timestamp($5::bigint / 1000.0)))
     returning disabled_because as "disabledBecause"`,
    [subscriptionId, delivered, gone, now, now - failingMsMax],
  );
  return row?.disabledBecause ?? null;
}
