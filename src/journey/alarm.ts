/** Something that a person must look at. The name is stable; the detail holds ids, never personal data. */
export type Alarm = (name: AlarmName, detail: Readonly<Record<string, unknown>>) => void;

export type AlarmName =
  | 'payment_integrity'
  | 'payment_overpayment'
  | 'payment_refunded_elsewhere'
  | 'payment_attempt_unknown'
  | 'payment_unknown_too_long'
  | 'payment_service_down'
  | 'payment_service_back'
  | 'payment_service_refuses_us'
  | 'payment_answer_unbelievable'
  | 'refund_abnormal'
  | 'refund_failed'
  | 'notification_rejected'
  | 'notification_unmatched'
  | 'settlement_failed'
  | 'confirmation_failed'
  | 'confirmation_contradicted'
  | 'permit_unconfirmed'
  | 'permit_undeliverable'
  | 'event_subscription_disabled'
  | 'event_subscriptions_unread'
  | 'events_unsent'
  | 'janitor_failed'
  | 'signal_failed'
  | 'stations_unread';
