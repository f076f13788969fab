import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Notice } from '../driver/notice.tsx';
import { useStaffWords } from './staff-tools.ts';

type ConfirmPanelProps = {
  readonly question: string;
  /** What follows from it. */
  readonly children: ComponentChildren;
  readonly yes: string;
  readonly isBusy: boolean;
  /** Why the last try did not go through. */
  readonly failure: string | null;
  readonly onYes: () => void;
  readonly onChange: () => void;
};

/** Asks once more before money moves, with the amount and all that follows from it. */
export function ConfirmPanel({ question, children, yes, isBusy, failure, onYes, onChange }: ConfirmPanelProps) {
  const { words } = useStaffWords();
  const heading = useRef<HTMLHeadingElement>(null);
  // Before anything else can be pressed.
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <section class="card confirm" aria-labelledby="confirm">
      <h2 id="confirm" ref={heading} tabIndex={-1}>
        {question}
      </h2>
      {children}
      {failure === null ? null : <Notice text={failure} />}
      <div class="deeds">
        <button type="button" class="first" aria-disabled={isBusy} onClick={() => (isBusy ? undefined : onYes())}>
          {yes}
        </button>
        <button type="button" class="second" aria-disabled={isBusy} onClick={() => (isBusy ? undefined : onChange())}>
          {words('change')}
        </button>
      </div>
    </section>
  );
}
