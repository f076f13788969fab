-- Refunds that people order, with their reasons and the date that the driver was promised; what was really dispensed; what a station promises.

alter table refunds add column note text check (length(note) between 1 and 200);
alter table refunds add column ordered_by text check (length(ordered_by) between 1 and 64);
-- Ordered by an operator though the permit had been used.
alter table refunds add column overridden boolean not null default false;
alter table refunds add column idempotency_key text;
-- How often it had succeeded and the payer's bank sent it back.
alter table refunds add column bounces integer not null default 0;
-- By when the money is back at the latest, as the payment service promises.
alter table refunds add column promised_by timestamptz;
update refunds set promised_by = due_at + interval '15 days';
alter table refunds alter column promised_by set not null;
create unique index refunds_by_request on refunds (station_number, order_id, idempotency_key) where idempotency_key is not null;

-- What the pump gave, once an order: told by staff, later by the pump itself.
create table dispenses (
  station_number integer not null,
  order_id text not null,
  volume_milli integer not null check (volume_milli >= 0),
  -- What that much costs at the order's price, discount included.
  payable_minor bigint not null check (payable_minor >= 0),
  told_by text not null check (length(told_by) between 1 and 64),
  source text not null check (source in ('staff', 'pump')),
  told_at timestamptz not null,
  primary key (station_number, order_id)
);
create trigger dispenses_are_append_only before update or delete on dispenses
  for each statement execute function refuse_change();

-- A kept fact is judged by one node at a time: another takes it when this one's time is over.
alter table payment_facts add column claimed_until timestamptz;

-- Until when after its payment a station promises the slip. Where none is out by then, the money goes back by itself.
create table delivery_promises (
  station_number integer primary key,
  within_ms integer not null check (within_ms between 60000 and 86400000),
  -- What was sold before it was promised is left alone.
  made_at timestamptz not null
);
create index permits_not_out on permits (issued_at) where state in ('issued', 'sent', 'undeliverable');
