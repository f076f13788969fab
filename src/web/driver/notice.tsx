import type { ComponentChildren } from 'preact';

type NoticeProps = {
  readonly text: string;
  readonly tone?: 'warn' | 'calm';
  readonly action?: string;
  readonly onAction?: () => void;
  readonly children?: ComponentChildren;
};

/** What happened and what to do, read aloud as soon as it appears. */
export function Notice({ text, tone = 'warn', action, onAction, children }: NoticeProps) {
  return (
    <div class={`notice ${tone}`} role={tone === 'warn' ? 'alert' : 'status'}>
      <p>{text}</p>
      {children}
      {action !== undefined && onAction !== undefined ? (
        <button type="button" class="second" onClick={onAction}>
          {action}
        </button>
      ) : null}
    </div>
  );
}
