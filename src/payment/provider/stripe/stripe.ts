import { type Clock, minuteMs } from '../../../base/clock.ts';
import type { Fetch } from '../fetch-answer.ts';
import {
  type AttemptName,
  type CallOptions,
  type CloseResult,
  type Created,
  type Evidence,
  mainAccount,
  type PaymentFact,
  type PaymentProvider,
  ProviderError,
  type ProviderOperation,
  type RefundFact,
  type RefundInput,
} from '../provider.ts';
import { readBill } from './bill.ts';
import { type Answer, createCaller, unbelievable } from './call.ts';
import { checkCreate, createdOf, maxLifetimeMs, merchantRefPattern, sessionParameters, surfaces } from './create.ts';
import { currencies } from './currencies.ts';
import { findSession } from './find-session.ts';
import { askHealth } from './health.ts';
import { readNotification, replies } from './notification.ts';
import {
  factOfRefund,
  findRefund,
  readRefund,
  type RefundOrigin,
  refundParameters,
  refundRefOf,
  type StripeRefund,
} from './refund.ts';
import { type CheckoutSession, factOfSession, paymentIdOf, readSession, stateOfSession } from './session.ts';
import { checkSettings } from './settings.ts';

export type StripeOptions = {
  /** The operator's own name for the account; `main` where there is only one. */
  readonly account?: string;
  /** acct_… */
  readonly accountId: string;
  /** sk_live_…, rk_live_…, sk_test_… or rk_test_…: the key says which mode it is for. */
  readonly secretKey: string;
  /** whsec_…, one or several, each of which is accepted. */
  readonly webhookSecrets: readonly string[];
  /** `https://api.stripe.com` */
  readonly baseUrl: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
};

/** A create that is still on its way has arrived or died by then; nobody but us would learn where its session can be paid. */
const createIsOnItsWayMs = 5 * minuteMs;

/** Stripe for one account, by Checkout. A key or secret of the wrong kind throws here and not at the first payment. */
export function createStripe(options: StripeOptions): PaymentProvider {
  const { accountId, secretKey, webhookSecrets, fetch, clock } = options;
  const { liveMode, origin } = checkSettings(options);
  const call = createCaller({ secretKey, origin, fetch, clock });
  const owner = { accountId, liveMode };

  const retrieve = (operation: ProviderOperation, sessionId: string, callOptions: CallOptions): Promise<Answer> => {
    const expand = ['payment_intent.latest_charge'];
    return call(operation, callOptions, (client) => client.checkout.sessions.retrieve(sessionId, { expand }));
  };

  /** The attempt's session as it stands, or null where the account has none. */
  async function look(operation: ProviderOperation, attempt: AttemptName, callOptions: CallOptions): Promise<Looked> {
    const found = await findSessionOf(operation, attempt, callOptions);
    if (found.sessionId === null) return { session: null, evidence: found.evidence };
    const answer = await retrieve(operation, found.sessionId, callOptions);
    return { session: believeSession(operation, attempt, answer), evidence: answer.evidence };
  }

  async function findSessionOf(operation: ProviderOperation, attempt: AttemptName, callOptions: CallOptions) {
    const { providerRef: sessionId } = attempt;
    return sessionId === undefined
      ? findSession(call, operation, attempt, callOptions, clock)
      : { sessionId, evidence: nothingHeard(clock()) };
  }

  /** pi_…, which the core keeps of every paid attempt; without it the attempt's session tells. */
  async function paymentOf(
    operation: ProviderOperation,
    refund: RefundName,
    callOptions: CallOptions,
  ): Promise<string> {
    if (refund.providerPaymentId !== undefined) return refund.providerPaymentId;
    const { session } = await look(operation, { attemptRef: refund.attemptRef }, callOptions);
    const paymentId = session === null ? null : paymentIdOf(session);
    if (paymentId === null)
      throw new ProviderError('rejected', operation, `Stripe knows no payment of ${refund.attemptRef}`);
    return paymentId;
  }

  return {
    id: 'stripe',
    account: options.account ?? mainAccount,
    merchant: { merchantId: accountId, appId: accountId, liveMode },
    origin: origin.origin,
    capabilities: {
      surfaces,
      currencies,
      close: 'reliable',
      notifications: 'signed',
      signedResponses: false,
      bills: true,
      // Stripe names no limit for cards; after half a year banks give more and more of them back.
      refundWindowDays: 180,
      // 5 to 10 business days.
      refundPromiseDays: 14,
      merchantRefPattern,
      minCloseAgeMs: 0,
      maxLifetimeMs,
    },

    async create(input, callOptions): Promise<Created> {
      checkCreate(input);
      const answer = await call('create', callOptions, (client) =>
        client.checkout.sessions.create(sessionParameters(input), { idempotencyKey: input.attemptRef }),
      );
      const session = believeSession('create', input, answer);
      const { amount_total: minor, currency } = session;
      requireSame('create', `${input.amount.minor} ${input.amount.currency}`, `${minor} ${currency?.toUpperCase()}`);
      const created = createdOf(session, input);
      if (created === null) throw unbelievable('create', 'it holds nothing that can be paid', answer.evidence);
      return created;
    },

    async query(attempt, callOptions): Promise<PaymentFact> {
      const { session, evidence } = await look('query', attempt, callOptions);
      const { attemptRef } = attempt;
      if (session !== null) return factOfSession(session, { source: 'query', accountId, attemptRef, evidence });
      return { source: 'query', attemptRef, state: 'not_found', liveMode, authenticated: true, evidence };
    },

    async close(attempt, callOptions): Promise<CloseResult> {
      const { sessionId } = await findSessionOf('close', attempt, callOptions);
      if (sessionId === null) return { kind: 'not_created', mayStillBePaidUntil: clock() + createIsOnItsWayMs };
      try {
        const answer = await call('close', callOptions, (client) => client.checkout.sessions.expire(sessionId));
        return closeResultOf(believeSession('close', attempt, answer));
      } catch (error) {
        if (!(error instanceof ProviderError) || error.kind !== 'rejected') throw error;
        // Only an open session can be expired: this one has been paid, or closed before.
        return closeResultOf(believeSession('close', attempt, await retrieve('close', sessionId, callOptions)));
      }
    },

    async refund(input, callOptions): Promise<RefundFact> {
      const { refundRef } = input;
      const paymentId = await paymentOf('refund', input, callOptions);
      const known = await findRefund(call, 'refund', { refundRef, paymentId }, callOptions);
      if (known.refund !== null) return believedRefund(known.refund, input, { ...owner, evidence: known.evidence });
      const { body, evidence } = await call('refund', callOptions, (client) =>
        client.refunds.create(refundParameters(input, paymentId), { idempotencyKey: refundRef }),
      );
      const refund = readRefund(body);
      if (refund === null) throw unbelievable('refund', 'it is no refund', evidence);
      return believedRefund(refund, input, { ...owner, evidence });
    },

    async queryRefund(name: RefundName, callOptions): Promise<RefundFact> {
      const { refundRef } = name;
      const paymentId = await paymentOf('queryRefund', name, callOptions);
      const { refund, evidence } = await findRefund(call, 'queryRefund', { refundRef, paymentId }, callOptions);
      return refund === null
        ? { source: 'query', refundRef, state: 'not_found', merchantId: accountId, liveMode, evidence }
        : {
            ...factOfRefund(refund, { source: 'query', ...owner, evidence }),
            refundRef,
            attemptRef: name.attemptRef,
          };
    },

    parseNotification: (notification) => readNotification({ webhookSecrets, accountId, liveMode }, notification),

    reply: (outcome) => replies[outcome],

    bill: (date, callOptions) => readBill(call, date, callOptions),

    health: (callOptions) => askHealth({ call, accountId, liveMode }, callOptions),
  };
}

type Looked = { readonly session: CheckoutSession | null; readonly evidence: Evidence };
type RefundName = { readonly refundRef: string; readonly attemptRef: string; readonly providerPaymentId?: string };

const nothingHeard = (receivedAt: number): Evidence => ({ receivedAt, bodySha256: '' });

function requireSame(operation: ProviderOperation, asked: string, answered: string): void {
  if (asked !== answered)
    throw new ProviderError('integrity', operation, `Stripe was asked about ${asked} and answered about ${answered}`);
}

function believeSession(
  operation: ProviderOperation,
  { attemptRef }: Pick<AttemptName, 'attemptRef'>,
  { body, evidence }: Answer,
): CheckoutSession {
  const session = readSession(body);
  if (session === null) throw unbelievable(operation, 'it is no Checkout Session', evidence);
  requireSame(operation, attemptRef, session.client_reference_id ?? 'nothing');
  return session;
}

function believedRefund(refund: StripeRefund, input: RefundInput, told: Omit<RefundOrigin, 'source'>): RefundFact {
  requireSame('refund', input.refundRef, refundRefOf(refund));
  const { minor, currency } = input.amount;
  requireSame('refund', `${minor} ${currency}`, `${refund.amount} ${refund.currency.toUpperCase()}`);
  return factOfRefund(refund, { source: 'refund', ...told });
}

/** Complete and not paid is a payment under way. */
function closeResultOf(session: CheckoutSession): CloseResult {
  switch (stateOfSession(session)) {
    case 'paid':
    case 'refunded':
      return { kind: 'paid' };
    case 'closed':
      return { kind: 'closed' };
    case 'pending':
    case 'not_found':
      return { kind: 'in_progress' };
  }
}
