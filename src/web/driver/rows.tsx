import type { ComponentChildren } from 'preact';

export type Row = readonly [name: string, value: ComponentChildren];

/** Names and values, as a description list; null is no row. */
export function Rows({ rows }: { readonly rows: readonly (Row | null)[] }) {
  return (
    <dl class="pairs">
      {rows.map((row) =>
        row === null ? null : (
          <div key={row[0]}>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
