import type { Stripe } from 'stripe';
import type { Book, Charge, Dispute, Intent, Movement, Refund, Session, StripeEvent } from './book.ts';

/** Keys of this simulator are test keys: nothing that it says is of live mode. */
export const livemode = false;
export const apiVersion = '2026-10-28.endive';

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** Objects as the API writes them; `satisfies` holds their fields to what Stripe's own package knows. What belongs to other products is left out. */
export function sessionObject(session: Session, pageUrl: string) {
  const isOpen = session.status === 'open';
  return {
    id: session.id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    allowed_payment_method_types: ['card'],
    amount_subtotal: session.amountMinor,
    amount_total: session.amountMinor,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    cancel_url: session.cancelUrl,
    client_reference_id: session.reference,
    created: seconds(session.createdAtMs),
    currency: session.currency,
    customer: null,
    customer_creation: 'if_required',
    customer_details: customerOf(session),
    customer_email: null,
    expires_at: seconds(session.expiresAtMs),
    livemode,
    locale: session.locale,
    metadata: session.metadata,
    mode: 'payment',
    payment_intent: session.intentId,
    payment_method_types: ['card'],
    payment_status: session.paymentStatus,
    status: session.status,
    submit_type: 'pay',
    success_url: session.successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: isOpen ? `${pageUrl}${session.id}` : null,
  } satisfies Partial<Stripe.Checkout.Session>;
}

/** The real page asks every payer for an e-mail address, and tells it to the merchant. */
const customerOf = ({ email }: Session) =>
  email === null
    ? null
    : ({
        address: { city: null, country: 'DE', line1: null, line2: null, postal_code: null, state: null },
        business_name: null,
        email,
        individual_name: null,
        name: 'A Payer',
        phone: null,
        tax_exempt: 'none',
        tax_ids: [],
      } satisfies Stripe.Checkout.Session.CustomerDetails);

export function intentObject(intent: Intent) {
  const received = intent.status === 'succeeded' ? intent.amountMinor : 0;
  return {
    id: intent.id,
    object: 'payment_intent',
    amount: intent.amountMinor,
    amount_capturable: 0,
    amount_received: received,
    capture_method: 'automatic_async',
    confirmation_method: 'automatic',
    created: seconds(intent.createdAtMs),
    currency: intent.currency,
    customer: null,
    description: intent.description,
    last_payment_error: lastErrorOf(intent),
    latest_charge: intent.chargeId,
    livemode,
    metadata: intent.metadata,
    next_action: null,
    payment_method_types: ['card'],
    status: intent.status,
  } satisfies Partial<Stripe.PaymentIntent>;
}

const lastErrorOf = ({ lastError }: Intent) =>
  lastError === null
    ? null
    : ({
        type: 'card_error',
        code: lastError.code,
        message: lastError.message,
        ...(lastError.declineCode === null ? {} : { decline_code: lastError.declineCode }),
      } satisfies Partial<Stripe.PaymentIntent.LastPaymentError>);

export function chargeObject(charge: Charge, book: Book) {
  const intent = book.intents.get(charge.intentId);
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amountMinor,
    amount_captured: charge.status === 'failed' ? 0 : charge.amountMinor,
    amount_refunded: charge.refundedMinor,
    balance_transaction: charge.movementId,
    billing_details: { address: null, email: emailOf(intent, book), name: 'A Payer', phone: null, tax_id: null },
    captured: charge.status !== 'failed',
    created: seconds(charge.createdAtMs),
    currency: charge.currency,
    description: intent?.description ?? null,
    disputed: charge.disputed,
    failure_code: charge.failureCode,
    livemode,
    // A charge takes over what its PaymentIntent was marked with.
    metadata: intent?.metadata ?? {},
    paid: charge.status === 'succeeded',
    payment_intent: charge.intentId,
    refunded: charge.refundedMinor >= charge.amountMinor,
    status: charge.status,
  } satisfies Partial<Stripe.Charge>;
}

const emailOf = (intent: Intent | undefined, book: Book): string | null =>
  book.sessions.get(intent?.sessionId ?? null)?.email ?? null;

export function refundObject(refund: Refund) {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amountMinor,
    balance_transaction: refund.movementId,
    charge: refund.chargeId,
    created: seconds(refund.createdAtMs),
    currency: refund.currency,
    metadata: refund.metadata,
    payment_intent: refund.intentId,
    reason: refund.reason,
    receipt_number: null,
    status: refund.status,
    ...(refund.status === 'pending' ? { pending_reason: 'processing' } : {}),
    ...(refund.failureMovementId === null
      ? {}
      : { failure_balance_transaction: refund.failureMovementId, failure_reason: 'expired_or_canceled_card' }),
  } satisfies Partial<Stripe.Refund>;
}

export function disputeObject(dispute: Dispute) {
  return {
    id: dispute.id,
    object: 'dispute',
    amount: dispute.amountMinor,
    charge: dispute.chargeId,
    created: seconds(dispute.createdAtMs),
    currency: dispute.currency,
    is_charge_refundable: false,
    livemode,
    metadata: {},
    payment_intent: dispute.intentId,
    reason: 'fraudulent',
    status: 'needs_response',
  } satisfies Partial<Stripe.Dispute>;
}

const reportingCategories = {
  charge: 'charge',
  refund: 'refund',
  refund_failure: 'refund_failure',
  adjustment: 'dispute',
  payout: 'payout',
} as const satisfies Record<Movement['type'], string>;

export function movementObject(movement: Movement) {
  const { amountMinor, feeMinor, currency } = movement;
  const fee = {
    amount: feeMinor,
    application: null,
    currency,
    description: 'Stripe processing fees',
    type: 'stripe_fee',
  };
  return {
    id: movement.id,
    object: 'balance_transaction',
    amount: amountMinor,
    available_on: seconds(movement.createdAtMs),
    balance_type: 'payments',
    created: seconds(movement.createdAtMs),
    currency,
    description: movement.description,
    exchange_rate: null,
    fee: feeMinor,
    fee_details: feeMinor === 0 ? [] : [fee],
    net: amountMinor - feeMinor,
    reporting_category: reportingCategories[movement.type],
    source: movement.sourceId,
    status: 'available',
    type: movement.type,
  } satisfies Stripe.BalanceTransaction;
}

/** Events are written down as they were; what they tell of may have changed since. */
export const eventObject = ({ id, type, createdAtMs, object }: StripeEvent) => ({
  id,
  object: 'event',
  api_version: apiVersion,
  created: seconds(createdAtMs),
  data: { object },
  livemode,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  type,
});
