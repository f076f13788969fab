import type { Queries } from '../database/database.ts';
import type { Claim } from './claim.ts';
import type { StoredFact } from './fact.ts';

/** Keeps facts. One that is known already gets the judgement that it lacked, and changes nothing else. */
export async function insertFacts(db: Queries, facts: readonly StoredFact[]): Promise<void> {
  if (facts.length === 0) return;
  await db.query(
    `insert into payment_facts as f (station_number, provider, account, dedupe_id, attempt_ref, source, fact, raw_body, headers, received_at,
       judgement, judged_at)
     select "stationNumber", provider, account, "dedupeId", "attemptRef", source, fact, decode("rawBody", 'base64'), headers,
       to_timestamp("receivedAt" / 1000.0), judgement, to_timestamp("judgedAt" / 1000.0)
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, provider text, account text, "dedupeId" text, "attemptRef" text, source text,
       fact jsonb, "rawBody" text, headers jsonb, "receivedAt" bigint, judgement text, "judgedAt" bigint)
     order by "stationNumber", provider, "dedupeId"
     on conflict (station_number, provider, dedupe_id) do update set judgement = excluded.judgement, judged_at = excluded.judged_at
       where f.judged_at is null and excluded.judged_at is not null`,
    [JSON.stringify(uniqueFacts(facts))],
  );
}

/** One statement must not meet the same key twice. */
function uniqueFacts(facts: readonly StoredFact[]): readonly StoredFact[] {
  const byKey = new Map<string, StoredFact>();
  for (const fact of facts) {
    const key = `${fact.stationNumber} ${fact.provider} ${fact.dedupeId}`;
    if (!byKey.has(key)) byKey.set(key, fact);
  }
  return [...byKey.values()];
}

const columns = `
  f.station_number as "stationNumber", f.provider, f.account, f.dedupe_id as "dedupeId", f.attempt_ref as "attemptRef", f.source, f.fact,
  encode(f.raw_body, 'base64') as "rawBody", f.headers, f.received_at as "receivedAt", f.judgement, f.judged_at as "judgedAt"`;

/** A fact is left to its own request for `afterMs`. */
export type FactsClaim = Claim & { readonly afterMs: number };

/** Takes facts that were kept and acknowledged, and then not judged: a node died in between, or the judging failed. */
export async function claimFactsToJudge(
  db: Queries,
  { now, afterMs, leaseMs, limit, services, others }: FactsClaim,
): Promise<readonly StoredFact[]> {
  return db.query<StoredFact>(
    `update payment_facts f set claimed_until = to_timestamp(($1::bigint + $3::bigint) / 1000.0)
     from (select station_number, provider, dedupe_id from payment_facts
           where judged_at is null and received_at <= to_timestamp(($1::bigint - $2::bigint) / 1000.0)
             and (claimed_until is null or claimed_until <= to_timestamp($1::bigint / 1000.0))
             and (provider = any($5::text[])) <> $6::boolean
           order by received_at limit $4 for update skip locked) as due
     where f.station_number = due.station_number and f.provider = due.provider and f.dedupe_id = due.dedupe_id
     returning ${columns}`,
    [now, afterMs, leaseMs, limit, services, others],
  );
}

/** All facts of an attempt, oldest first. */
export async function findFacts(
  db: Queries,
  stationNumber: number,
  attemptRef: string,
): Promise<readonly StoredFact[]> {
  return db.query<StoredFact>(
    `select ${columns} from payment_facts f where f.station_number = $1 and f.attempt_ref = $2 order by f.received_at`,
    [stationNumber, attemptRef],
  );
}
