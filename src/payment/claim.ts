/** Whose rows are meant: those of these payment services, or those of all others. */
export type OfServices = { readonly services: readonly string[]; readonly others: boolean };

/** What one node takes in its hands: rows that are due at `now`, which no other node takes for `leaseMs`. */
export type Claim = OfServices & { readonly now: number; readonly leaseMs: number; readonly limit: number };
