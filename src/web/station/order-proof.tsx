import type { StaffOrderMessage } from '../../staff/staff.message.ts';
import { isRefusalName, problemOf } from '../../base/problem.ts';
import { formatInstant, formatMoney } from '../format.ts';
import type { Language } from '../words.ts';
import { nameService, useStaffWords, wordOr } from './staff-tools.ts';

type Props = { readonly order: StaffOrderMessage };

/** All that is written down of the order, for when it is contested: what the payment services said, what was booked, who did what. */
export function OrderProof({ order }: Props) {
  const { words } = useStaffWords();
  return (
    <details class="card proof">
      <summary>
        <h2>{words('proof')}</h2>
      </summary>
      <h3>{words('attempts')}</h3>
      {order.attempts.length === 0 ? <p class="hint">{words('no_attempts')}</p> : null}
      {order.attempts.map((attempt) => (
        <Attempt key={attempt.attemptRef} attempt={attempt} timeZone={order.station.timeZone} />
      ))}
      <h3>{words('ledger')}</h3>
      <Ledger order={order} />
      <h3>{words('trail')}</h3>
      <Trail order={order} />
    </details>
  );
}

type AttemptProps = { readonly attempt: StaffOrderMessage['attempts'][number]; readonly timeZone: string };

function Attempt({ attempt, timeZone }: AttemptProps) {
  const { words, language } = useStaffWords();
  const money = (text: string) => formatMoney(language, text, attempt.currency);
  const marks = [
    ...(attempt.unknown ? [words('attempt_unknown')] : []),
    ...(attempt.abandoned ? [words('attempt_abandoned')] : []),
    ...(attempt.integrity === null ? [] : [words('attempt_integrity', { why: attempt.integrity })]),
  ];
  return (
    <div class="attempt">
      <p>
        <strong>{nameService(language, attempt.method)}</strong> · {money(attempt.amount)} ·{' '}
        {words(`attempt_${attempt.state}`)}
      </p>
      {marks.map((mark) => (
        <p key={mark} class="alert">
          {mark}
        </p>
      ))}
      <p class="muted">
        {formatInstant(language, attempt.paidAt ?? attempt.createdAt, timeZone)} · {words('payer')}:{' '}
        {attempt.payer.openId === null ? '' : `${attempt.payer.openId} `}
        {words('from_address', { address: attempt.payer.address })}
      </p>
      <p class="mono faint-text">
        {attempt.attemptRef}
        {attempt.providerPaymentId === null ? '' : ` · ${attempt.providerPaymentId}`}
      </p>
      <h4>{words('facts')}</h4>
      {attempt.facts.length === 0 ? (
        <p class="hint">{words('no_facts')}</p>
      ) : (
        <ul class="events">
          {attempt.facts.map((fact) => (
            <li key={`${fact.receivedAt} ${fact.source} ${fact.state}`}>
              <span class="muted">{formatInstant(language, fact.receivedAt, timeZone)}</span> <FactText fact={fact} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function FactText({ fact }: { readonly fact: StaffOrderMessage['attempts'][number]['facts'][number] }) {
  const { words, language } = useStaffWords();
  const line = words('fact_line', {
    source: wordOr(words, `source_${fact.source}`, fact.source),
    state: wordOr(words, `said_${fact.state}`, fact.state),
  });
  const amount = fact.amount === null ? '' : ` ${showMoney(language, fact.amount, fact.currency ?? '')}`;
  const judgement = fact.judgement === null ? '' : ` → ${wordOr(words, `judged_${fact.judgement}`, fact.judgement)}`;
  return (
    <>
      {line}
      {amount}
      {judgement}
    </>
  );
}

/** A payment service may name a currency that is none; then its amount is shown as it came. */
const showMoney = (language: Language, amount: string, currency: string): string =>
  /^[A-Z]{3}$/.test(currency) ? formatMoney(language, amount, currency) : `${amount} ${currency}`;

function Ledger({ order }: Props) {
  const { words, language } = useStaffWords();
  if (order.transfers.length === 0) return <p class="hint">{words('no_transfers')}</p>;
  const account = (name: string): string => {
    const [kind = '', service] = name.split(':');
    return wordOr(words, `account_${kind}`, name, { service: nameService(language, service ?? '') });
  };
  return (
    <ul class="events">
      {order.transfers.map((transfer) => (
        <li key={transfer.transferId}>
          <span class="muted">{formatInstant(language, transfer.madeAt, order.station.timeZone)}</span>{' '}
          {words('booked', { debit: account(transfer.debit), credit: account(transfer.credit) })}{' '}
          <strong>{showMoney(language, transfer.amount, transfer.currency)}</strong>
        </li>
      ))}
    </ul>
  );
}

function Trail({ order }: Props) {
  const { words, language } = useStaffWords();
  if (order.actions.length === 0) return <p class="hint">{words('no_trail')}</p>;
  return (
    <ul class="events">
      {order.actions.map((action) => {
        const refusal = typeof action.detail['refusal'] === 'string' ? action.detail['refusal'] : '';
        return (
          <li key={`${action.at} ${action.kind}`}>
            <span class="muted">{formatInstant(language, action.at, order.station.timeZone)}</span>{' '}
            <strong>{action.by}</strong> {wordOr(words, `did_${action.kind}`, action.kind)}
            {isRefusalName(refusal) ? `: ${textOfRefusal(refusal, language)}` : ''}
          </li>
        );
      })}
    </ul>
  );
}

const textOfRefusal = (name: Parameters<typeof problemOf>[0], language: Language): string => {
  const { en, zh } = problemOf(name);
  return language === 'en' ? en : zh;
};
