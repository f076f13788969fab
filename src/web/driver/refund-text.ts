import type { OrderMessage } from '../../order/order.message.ts';
import { formatVolume } from '../format.ts';
import { fillIn, type Language } from '../words.ts';
import { formatDay } from './format-moment.ts';
import { refundWords } from './refund-words.ts';

type Refund = OrderMessage['refunds'][number];

export type RefundText = {
  /** How it stands, in two or three words. */
  readonly state: string;
  /** Why it goes back; null for a reason that this page does not know. */
  readonly why: string | null;
  /** By which way, and by when. */
  readonly how: string;
  /** What to do if it is not there then. */
  readonly otherwise: string;
};

const states = {
  due: 'refund_open',
  requested: 'refund_open',
  succeeded: 'refund_succeeded',
  abnormal: 'refund_abnormal',
} as const satisfies Record<Refund['state'], keyof typeof refundWords>;

/** What a driver reads of money that goes back to him. */
export function refundText(language: Language, order: OrderMessage, refund: Refund): RefundText {
  const say = (name: keyof typeof refundWords, values = {}) => fillIn(refundWords[name][language], values);
  return {
    state: say(states[refund.state]),
    why: whyText(language, order, refund.reason),
    ...howText(refund),
  };

  function howText({ state, reason, promisedBy }: Refund): Pick<RefundText, 'how' | 'otherwise'> {
    const date = formatDay(language, promisedBy, order.station.timeZone);
    if (state === 'abnormal') return { how: say('refund_person'), otherwise: say('refund_questions') };
    // Whoever gave it back there promised nothing here.
    if (reason === 'elsewhere') return { how: say('refund_went_somehow'), otherwise: say('refund_questions') };
    const how = say(state === 'succeeded' ? 'refund_went' : 'refund_comes', { date });
    return { how, otherwise: say('refund_late') };
  }
}

function whyText(language: Language, { dispensed, volume, unit }: OrderMessage, reason: string): string | null {
  if (reason === 'less_dispensed' && dispensed !== null) {
    const [got, paid] = [dispensed.volume, volume].map((one) => formatVolume(language, one, unit));
    return fillIn(refundWords.because_dispensed[language], { got: got ?? '', paid: paid ?? '' });
  }
  const name = `because_${reason}`;
  return isRefundWord(name) ? refundWords[name][language] : null;
}

/** By hand rather than by `Object.hasOwn`, which the WebViews of 2019 lack. */
const isRefundWord = (name: string): name is keyof typeof refundWords =>
  Object.prototype.hasOwnProperty.call(refundWords, name);
