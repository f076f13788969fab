-- People who work at stations, and the trail of what they did.

create table staff_members (
  staff_id text primary key check (staff_id ~ '^stf_[0-9A-Z]{13}$'),
  name text not null check (length(name) between 1 and 64),
  -- Null: every station of the chain.
  station_numbers integer[] check (cardinality(station_numbers) between 1 and 100),
  rights text[] not null check (rights <@ array['refund', 'dispense', 'override']),
  token_sha256 bytea not null unique check (length(token_sha256) = 32),
  added_at timestamptz not null,
  removed_at timestamptz
);

-- Who did what, when, and what we held of the driver's money before and after. Station 0: of no station.
create table staff_actions (
  station_number integer not null,
  action_id text not null,
  at timestamptz not null,
  kind text not null check (kind in ('staff_added', 'staff_removed', 'refund', 'dispense', 'refused', 'locked_out')),
  door text not null check (door in ('page', 'command')),
  staff_id text,
  done_by text not null,
  order_id text,
  before_minor bigint,
  after_minor bigint,
  currency text,
  detail jsonb not null,
  primary key (station_number, action_id),
  check ((before_minor is null) = (currency is null) and (after_minor is null) = (currency is null))
);
create index actions_of_order on staff_actions (station_number, order_id) where order_id is not null;
create index actions_by_time on staff_actions (at);
create trigger staff_actions_are_append_only before update or delete on staff_actions
  for each statement execute function refuse_change();
