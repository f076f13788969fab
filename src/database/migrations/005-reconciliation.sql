-- Daily reconciliation with the payment services' bills, and the ways by which the ledger and a day are read.

create index transfers_by_time on ledger_transfers (made_at, station_number, transfer_id);
create index attempts_by_payment on payment_attempts (provider, merchant_id, paid_at) where paid_at is not null;
create index refunds_by_end on refunds (finished_at) where finished_at is not null;
create index permits_by_issue on permits (issued_at);
create index permits_revoked on permits (state_at) where state = 'revoked';

-- One day of one of our accounts at a payment service, by the service's own calendar: the bill that counts, and who is at work on it.
create table bill_days (
  provider text not null,
  merchant_id text not null,
  day date not null,
  -- The newest bill that was read whole; null until there is one.
  reading_id bigint,
  -- Taken until then by a run that is going on; a run that died loses it to the next.
  busy_until timestamptz,
  -- How many runs have taken the day.
  run_number integer not null,
  -- When a run came to its end.
  reconciled_at timestamptz,
  primary key (provider, merchant_id, day)
);
create unique index day_of_reading on bill_days (reading_id);

-- Each time that a bill was read and was not as it had been before.
create table bill_readings (
  reading_id bigint generated always as identity primary key,
  provider text not null,
  merchant_id text not null,
  day date not null,
  began_at timestamptz not null,
  -- Null: it was not read to its end, and does not count.
  read_at timestamptz,
  row_count integer,
  -- Rows that the reading before did not have, and rows that it had and this one has not.
  came_count integer,
  went_count integer
);
create index readings_of_day on bill_readings (provider, merchant_id, day);

create table bill_rows (
  -- Read off the reference; 0 where it is none of ours.
  station_number integer not null,
  reading_id bigint not null,
  line_number integer not null,
  kind text not null check (kind in ('payment', 'refund', 'other')),
  -- The payment that it is about, and the row itself, by our references where they are ours.
  attempt_ref text not null,
  row_ref text not null,
  provider_payment_id text not null,
  amount_minor bigint not null,
  currency text not null,
  fee_minor bigint,
  at timestamptz not null,
  refund_state text,
  description text,
  primary key (station_number, reading_id, line_number)
);
create index rows_of_reading on bill_rows (reading_id, line_number);
create index rows_of_attempt on bill_rows (station_number, attempt_ref);

-- What does not agree. What a row says never changes; `id` is made from it.
create table differences (
  station_number integer not null,
  difference_id text not null,
  -- The same from run to run; what was gone and came back is found once more, under a new id.
  base_id text not null,
  occurrence integer not null,
  provider text not null,
  merchant_id text not null,
  day date not null,
  kind text not null,
  -- The attempt, refund or permit that it is about.
  reference text not null,
  order_id text,
  -- What is said, for people and programs.
  detail jsonb not null,
  found_at timestamptz not null,
  found_run integer not null,
  -- When and by which run of the day it was found last.
  seen_at timestamptz not null,
  seen_run integer not null,
  -- A later run did not find it any more.
  resolved_at timestamptz,
  primary key (station_number, difference_id),
  unique (station_number, base_id, occurrence)
);
create index differences_of_day on differences (provider, merchant_id, day);
create index differences_by_id on differences (difference_id);

create function keep_what_is_said() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception '% is append only', tg_table_name;
  end if;
  if old.resolved_at is not null
    or to_jsonb(new) - array['seen_at', 'seen_run', 'resolved_at'] <> to_jsonb(old) - array['seen_at', 'seen_run', 'resolved_at'] then
    raise exception 'what % say never changes', tg_table_name;
  end if;
  return new;
end $$;
create trigger differences_keep_their_word before update or delete on differences
  for each row execute function keep_what_is_said();

create table difference_explanations (
  station_number integer not null,
  difference_id text not null,
  explained_at timestamptz not null,
  explained_by text not null check (explained_by <> ''),
  reason text not null check (reason <> ''),
  primary key (station_number, difference_id, explained_at, explained_by)
);
create trigger explanations_are_append_only before update or delete on difference_explanations
  for each statement execute function refuse_change();

-- One row a try of the cloud's own daily run: the node that could insert it is the one that runs.
create table daily_reconciliations (
  day date not null,
  try integer not null,
  claimed_at timestamptz not null,
  primary key (day, try)
);
