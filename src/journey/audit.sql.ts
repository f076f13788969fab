import type { Queries } from '../database/database.ts';

/** The design's invariants as questions to the rows; each gives what breaks it, at most so many. */
const findingsMax = 100;

const questions: Readonly<Record<string, string>> = {
  'a permit exists only for an order with one verified payment of the right amount and currency': `
    select p.order_id as id from permits p join orders o using (station_number, order_id)
    where p.state <> 'revoked' and (select count(*) from payment_attempts a where a.station_number = p.station_number and a.attempt_ref = p.attempt_ref
           and a.state in ('paid', 'partly_refunded', 'refunded') and a.paid_minor = o.payable_minor and a.currency = o.currency
           -- A used permit stays what it was, whatever went back afterwards.
           and (a.integrity is null or a.integrity = 'refunded_unknown_amount')) <> 1`,
  'money that arrived ends in a permit or in a refund': `
    select a.attempt_ref as id from payment_attempts a
    where a.state in ('paid', 'partly_refunded') and a.paid_minor > 0 and a.integrity is distinct from 'refunded_unknown_amount'
      and not exists (select from permits p where p.station_number = a.station_number and p.order_id = a.order_id and p.attempt_ref = a.attempt_ref)
      and not exists (select from refunds r where r.station_number = a.station_number and r.order_id = a.order_id and r.attempt_ref = a.attempt_ref)`,
  'every payment to our merchant that was judged stands in the ledger': `
    select f.dedupe_id as id from payment_facts f join payment_attempts a using (station_number, attempt_ref)
    where f.fact ->> 'state' = 'paid' and (f.fact -> 'amount' ->> 'minor')::bigint > 0 and f.fact ->> 'merchantId' = a.merchant_id
      and f.judged_at is not null and f.judgement <> 'contradicted'
      -- The test money of an account is no money.
      and not (f.judgement = 'integrity' and a.integrity = 'test_mode')
      and not exists (select from ledger_transfers t where t.station_number = f.station_number
                      and t.transfer_id in ('paid:' || f.attempt_ref, 'unmatched:' || f.provider || ':' || f.attempt_ref))`,
  // Once by what the bill has, or by what the judge heard, or by both together: reconciling the day again books back what is too much.
  'a payment that no order of ours can take stands in suspense with what the bill has of it': `
    select d.reference as id
    from differences d
    join ledger_transfers u on u.station_number = d.station_number and u.transfer_id = 'unmatched:' || d.provider || ':' || d.reference
      and u.currency = d.detail ->> 'currency'
    left join ledger_transfers t on t.station_number = d.station_number and t.transfer_id = 'difference:' || d.difference_id || ':1'
    where d.kind in ('foreign_payment', 'paid_there_not_here') and d.resolved_at is null
      and u.amount_minor + coalesce(case when t.credit_account = 'suspense' then t.amount_minor else -t.amount_minor end, 0)
        <> (d.detail ->> 'thereMinor')::bigint`,
  'captured minus refunded is what the ledger says': `
    select a.order_id as id
    from (select station_number, order_id, sum(paid_minor - refunded_minor) as held from payment_attempts group by 1, 2) a
    left join (select station_number, order_id, sum(case when debit_account like 'clearing:%' then amount_minor else -amount_minor end) as booked
               from ledger_transfers where (debit_account like 'clearing:%' or credit_account like 'clearing:%')
                 and 'suspense' not in (debit_account, credit_account) and debit_account not like 'fees:%' and credit_account not like 'fees:%'
               group by 1, 2) l
      using (station_number, order_id)
    where a.held <> coalesce(l.booked, 0)`,
  'a live permit and a full refund never stand together': `
    select p.order_id as id from permits p join payment_attempts a on a.station_number = p.station_number and a.attempt_ref = p.attempt_ref
    where a.state = 'refunded' and p.state not in ('revoked', 'redeemed')`,
  'an order is paid or fulfilled exactly when it has a permit that was not revoked': `
    select o.order_id as id from orders o left join permits p using (station_number, order_id)
    where (o.state in ('paid', 'fulfilled')) <> (p.order_id is not null and p.state <> 'revoked')
      and not (o.state = 'refunded' and p.state = 'redeemed')`,
  'all money of an order goes back though its permit was used only by the word of an operator': `
    select p.order_id as id from permits p join payment_attempts a on a.station_number = p.station_number and a.attempt_ref = p.attempt_ref
    where p.state = 'redeemed'
      and (select sum(r.amount_minor) from refunds r where r.station_number = a.station_number and r.attempt_ref = a.attempt_ref
           and r.reason <> 'elsewhere') >= a.paid_minor
      and not exists (select from refunds r where r.station_number = a.station_number and r.attempt_ref = a.attempt_ref and r.overridden)`,
  'no more goes back than was paid': `
    select r.attempt_ref as id from refunds r join payment_attempts a on a.station_number = r.station_number and a.attempt_ref = r.attempt_ref
    where r.state <> 'abnormal'
    group by r.attempt_ref, a.paid_minor having sum(r.amount_minor) > a.paid_minor`,
  "a station's log has no gap and ends where its counter says": `
    select s.station_number::text as id from station_sequences s
    left join station_events e using (station_number)
    group by s.station_number, s.last_sequence having count(e.sequence) <> s.last_sequence or max(e.sequence) is distinct from s.last_sequence`,
  "every permit stands in its station's log": `
    select p.permit_id as id from permits p
    where not exists (select from station_events e where e.station_number = p.station_number and e.body -> 'slip' ->> 'permitId' = p.permit_id)`,
  'every fact is judged within a minute': `
    select dedupe_id as id from payment_facts where judged_at is null and received_at < now() - interval '1 minute'`,
};

export type AuditLine = { readonly invariant: string; readonly broken: readonly string[] };

/** Each invariant with the ids that break it, at most a hundred; none is good. Reads every row: for a quiet hour or a standby. */
export async function auditRows(db: Queries): Promise<readonly AuditLine[]> {
  const lines: AuditLine[] = [];
  for (const [invariant, question] of Object.entries(questions)) {
    const rows = await db.query<{ id: string }>(`select id from (${question}) as broken limit ${findingsMax}`);
    lines.push({ invariant, broken: rows.map((row) => row.id) });
  }
  return lines;
}
