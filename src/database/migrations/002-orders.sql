-- Orders, payments, permits and what goes to the stations. Everything that belongs to a station carries its number first.

-- Secrets that all nodes share and that no person needs to see; made at first start.
create table secrets (
  name text primary key,
  value bytea not null,
  made_at timestamptz not null default now()
);

-- The chain's keys for permits. A key is never removed while a permit that it signed may be shown.
create table permit_keys (
  key_id smallint primary key check (key_id between 1 and 255),
  private_key_pkcs8 bytea not null,
  public_key_raw bytea not null check (length(public_key_raw) = 32),
  made_at timestamptz not null default now()
);

create table orders (
  station_number integer not null,
  order_id text not null check (length(order_id) = 24),
  idempotency_key text not null,
  request_sha256 bytea not null,
  state text not null check (state in ('placed', 'paid', 'fulfilled', 'cancelled', 'expired', 'refunded')),
  placed_at timestamptz not null,
  price_held_until timestamptz not null,
  expires_at timestamptz not null,
  grade text not null,
  pump smallint,
  nozzle smallint,
  currency text not null,
  official_price_milli integer,
  pump_price_milli integer not null check (pump_price_milli > 0),
  member_price_milli integer,
  money_minor bigint not null check (money_minor > 0),
  volume_milli integer not null check (volume_milli > 0),
  discount_minor bigint not null check (discount_minor >= 0),
  payable_minor bigint not null check (payable_minor > 0 and payable_minor = money_minor - discount_minor),
  locale text not null,
  user_name text,
  user_phone text,
  user_plate text,
  -- How the station was found: pump code, position with datum and accuracy, distance.
  located jsonb not null,
  -- The station as it was when the order was placed.
  station jsonb not null,
  primary key (station_number, order_id),
  unique (station_number, idempotency_key)
);
create index orders_to_expire on orders (expires_at) where state = 'placed';

create table payment_attempts (
  station_number integer not null,
  order_id text not null,
  attempt_ref text not null check (length(attempt_ref) = 26),
  idempotency_key text not null,
  provider text not null,
  surface text not null,
  -- Whose account it was made for: money is judged by these, whatever is configured later.
  merchant_id text not null,
  app_id text not null,
  state text not null check (state in ('created', 'pending', 'paid', 'partly_refunded', 'refunded', 'failed', 'closed')),
  -- Nobody can say whether money moved. Only a fact clears it.
  unknown boolean not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  payer jsonb not null,
  provider_ref text,
  next_action jsonb,
  next_expires_at timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  provider_payment_id text,
  paid_at timestamptz,
  paid_minor bigint not null default 0 check (paid_minor >= 0),
  refunded_minor bigint not null default 0 check (refunded_minor >= 0 and refunded_minor <= paid_minor),
  -- Why authentic money was not believed, for a person to look at.
  integrity text,
  poll_at timestamptz,
  polls integer not null default 0,
  primary key (station_number, attempt_ref),
  unique (station_number, order_id, idempotency_key)
);
create unique index one_open_attempt on payment_attempts (station_number, order_id) where state in ('created', 'pending');
create index attempts_to_poll on payment_attempts (poll_at) where poll_at is not null;

-- All that payment services told us, in their own bytes where they came unasked: first kept, then judged.
create table payment_facts (
  station_number integer not null,
  provider text not null,
  dedupe_id text not null,
  attempt_ref text not null,
  source text not null check (source in ('query', 'notification', 'bill', 'refund')),
  fact jsonb not null,
  raw_body bytea,
  headers jsonb,
  received_at timestamptz not null,
  judgement text,
  judged_at timestamptz,
  primary key (station_number, provider, dedupe_id)
);
create index facts_to_judge on payment_facts (received_at) where judged_at is null;
create index facts_of_attempt on payment_facts (station_number, attempt_ref);

-- Double entry: each row moves money from one account to another, so every transaction sums to zero by its shape.
create table ledger_transfers (
  station_number integer not null,
  transfer_id text not null,
  order_id text,
  debit_account text not null,
  credit_account text not null check (credit_account <> debit_account),
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  made_at timestamptz not null,
  primary key (station_number, transfer_id)
);
create index transfers_of_order on ledger_transfers (station_number, order_id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append only', tg_table_name;
end $$;
create trigger ledger_is_append_only before update or delete on ledger_transfers
  for each statement execute function refuse_change();

create table refunds (
  station_number integer not null,
  refund_ref text not null,
  order_id text not null,
  attempt_ref text not null,
  provider text not null,
  reason text not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  state text not null check (state in ('due', 'requested', 'succeeded', 'abnormal')),
  due_at timestamptz not null,
  next_try_at timestamptz,
  tries integer not null default 0,
  finished_at timestamptz,
  primary key (station_number, refund_ref)
);
create index refunds_to_try on refunds (next_try_at) where next_try_at is not null;
create index refunds_of_order on refunds (station_number, order_id);

-- One permit an order, by its key.
create table permits (
  station_number integer not null,
  order_id text not null,
  permit_id text not null check (permit_id ~ '^[0-9a-f]{16}$'),
  attempt_ref text not null,
  key_id smallint not null,
  token text not null,
  short_code text not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  state text not null check (state in ('issued', 'sent', 'printed', 'processed', 'unconfirmed', 'undeliverable', 'redeemed', 'revoked', 'expired')),
  state_at timestamptz not null,
  primary key (station_number, order_id),
  unique (station_number, permit_id)
);

-- The log that a station's terminal follows. The counter row is raised in the statement that writes the events, so the
-- sequence has no gap and nothing that commits late is skipped.
create table station_sequences (
  station_number integer primary key,
  last_sequence bigint not null
);
create table station_events (
  station_number integer not null,
  sequence bigint not null,
  body jsonb not null,
  made_at timestamptz not null,
  primary key (station_number, sequence)
);

create table terminals (
  terminal_id text primary key,
  station_number integer not null,
  public_key_raw bytea not null check (length(public_key_raw) = 32),
  enrolled_at timestamptz not null
);

create table terminal_reports (
  station_number integer not null,
  report_id text not null,
  permit_id text not null,
  state text not null,
  reason text,
  device_id text not null,
  device_ref text,
  reported_at timestamptz not null,
  received_at timestamptz not null,
  primary key (station_number, report_id)
);
create index reports_of_permit on terminal_reports (station_number, permit_id);
