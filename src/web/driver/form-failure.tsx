import { useEffect, useRef } from 'preact/hooks';
import type { GradeMessage, StationMessage } from '../../station/station.message.ts';
import { formatPrice } from '../format.ts';
import { limitOf } from './cloud-hint.ts';
import { type Failure, textOf } from './failure-text.ts';
import { faultText } from './fault-text.ts';
import { Notice } from './notice.tsx';
import { useWords } from './page-tools.ts';
import { reckoningWords } from './reckoning-words.ts';

type FormFailureProps = {
  readonly station: StationMessage;
  readonly grade: GradeMessage | null;
  readonly failure: Failure;
  /** The grade as the driver had seen it, where its price has changed since. */
  readonly priceBefore: GradeMessage | null;
};

/** Why the order was not taken; a changed price with both prices, since the driver is asked to agree to the new one. */
export function FormFailure({ station, grade, failure, priceBefore }: FormFailureProps) {
  const { words, language } = useWords(reckoningWords);
  const price = (one: GradeMessage) =>
    formatPrice(language, one.memberPrice ?? one.pumpPrice, station.currency, station.unit);
  const limit = failure.kind === 'refused' ? limitOf(failure.problem) : null;
  const place = useRef<HTMLDivElement>(null);
  // The pay bar would lie over it.
  useEffect(() => place.current?.scrollIntoView({ block: 'center' }), [failure]);
  return (
    <div ref={place}>
      <Notice text={textOf(failure, language)}>
        {limit === null ? null : <p>{faultText(language, station, limit)}</p>}
        {priceBefore === null || grade === null ? null : (
          <p>
            <strong>
              {words('price_now', { grade: grade.grade, before: price(priceBefore), after: price(grade) })}
            </strong>
          </p>
        )}
      </Notice>
    </div>
  );
}
