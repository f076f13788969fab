-- Several accounts at one payment service, and attempts that the driver gave up while nobody could say whether they were paid.

-- Through which of our accounts a fact came, by the operator's name for it.
alter table payment_facts add column account text not null default 'main';

-- Given up by the driver, who was told that a double payment goes back: it no longer stands in the way of another attempt.
alter table payment_attempts add column abandoned boolean not null default false;
drop index one_open_attempt;
create unique index one_open_attempt on payment_attempts (station_number, order_id)
  where state in ('created', 'pending') and not abandoned;

-- Closed though the service did not know it: until then a payer who holds its code may still make it be.
alter table payment_attempts add column may_be_paid_until timestamptz;
