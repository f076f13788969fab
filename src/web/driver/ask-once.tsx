import { useEffect, useRef, useState } from 'preact/hooks';

type AskOnceProps = {
  /** The button that asks, and its look. */
  readonly text: string;
  readonly look: 'link' | 'second wide';
  readonly question: string;
  readonly yes: string;
  readonly no: string;
  readonly isBusy: boolean;
  readonly onYes: () => Promise<void>;
};

/** A button for what cannot be undone: it asks once more. The focus follows, so that nobody who cannot see the page is left behind. */
export function AskOnce({ text, look, question, yes, no, isBusy, onYes }: AskOnceProps) {
  const [isAsking, setAsking] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const opened = useRef(false);
  useEffect(() => {
    if (isAsking) place.current?.focus();
    else if (opened.current) button.current?.focus();
    opened.current = isAsking;
  }, [isAsking]);
  const agree = async () => {
    if (isBusy) return;
    await onYes();
    setAsking(false);
  };
  if (!isAsking) {
    return (
      <button type="button" class={look} ref={button} onClick={() => setAsking(true)}>
        {text}
      </button>
    );
  }
  return (
    <div class="notice warn" role="alert" tabIndex={-1} ref={place}>
      <p>{question}</p>
      <div class="halves">
        <button type="button" class="second" aria-disabled={isBusy} onClick={() => void agree()}>
          {yes}
        </button>
        <button type="button" class="second" onClick={() => setAsking(false)}>
          {no}
        </button>
      </div>
    </div>
  );
}
