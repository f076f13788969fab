-- What the chain's own systems are told, who is told, and what became of it. Subscriptions are the chain's; all else belongs to a station.

create table event_subscriptions (
  subscription_id text primary key check (subscription_id ~ '^sub_[0-9A-Z]{13}$'),
  url text not null check (length(url) between 1 and 2048),
  types text[] not null check (cardinality(types) > 0),
  -- Null: all stations.
  station_numbers integer[] check (cardinality(station_numbers) > 0),
  with_person boolean not null,
  secret bytea check (length(secret) between 24 and 64),
  -- Signs beside the new one for a while after a rotation.
  old_secret bytea,
  old_secret_until timestamptz,
  state text not null check (state in ('active', 'disabled', 'ended')),
  disabled_because text check (disabled_because in ('gone', 'failing')),
  -- Since when no delivery succeeded.
  failing_since timestamptz,
  made_at timestamptz not null,
  check ((state = 'disabled') = (disabled_because is not null)),
  check ((state = 'ended') = (secret is null)),
  check ((old_secret is null) = (old_secret_until is null))
);

-- Written in the transaction of the change that they tell of, and only where somebody wants them.
create table outgoing_events (
  station_number integer not null,
  event_id text not null check (event_id ~ '^evt_[0-9A-Z]{24}_[0-9A-Z]{13}$'),
  order_id text not null,
  -- Events of one order are written under its lock, so these numbers rise in the order of their commits.
  sequence bigint generated always as identity,
  type text not null,
  -- As text, so that what is sent keeps the order in which it was written.
  data json not null,
  made_at timestamptz not null,
  primary key (station_number, event_id)
);
create index outgoing_events_by_age on outgoing_events (made_at);

create table event_deliveries (
  station_number integer not null,
  event_id text not null,
  subscription_id text not null,
  order_id text not null,
  sequence bigint not null,
  state text not null check (state in ('waiting', 'delivered', 'given_up', 'dropped')),
  tries integer not null default 0,
  next_try_at timestamptz check ((next_try_at is not null) = (state = 'waiting')),
  primary key (station_number, event_id, subscription_id),
  foreign key (station_number, event_id) references outgoing_events on delete cascade
);
create index deliveries_due on event_deliveries (subscription_id, next_try_at, sequence) where next_try_at is not null;
create index deliveries_given_up on event_deliveries (subscription_id) where state = 'given_up';
create index deliveries_waiting_of_order on event_deliveries (station_number, order_id, subscription_id, sequence)
  where next_try_at is not null;

create table event_delivery_tries (
  station_number integer not null,
  event_id text not null,
  subscription_id text not null,
  try_number integer not null,
  tried_at timestamptz not null,
  duration_ms integer not null,
  -- The HTTP status of the answer, or why there was none.
  status smallint,
  error text,
  answer text,
  primary key (station_number, event_id, subscription_id, try_number),
  foreign key (station_number, event_id, subscription_id) references event_deliveries on delete cascade,
  check ((status is null) <> (error is null))
);
create index tries_of_subscription on event_delivery_tries (subscription_id, tried_at);
