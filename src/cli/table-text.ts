const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;

/** How many places a text takes on a terminal: characters of Chinese, Japanese and Korean take two. */
const widthOf = (text: string): number => text.length + (text.match(wide)?.length ?? 0);

/** Rows as columns, two blanks apart; `right` names the columns that hold numbers. The first row is the heading. */
export function tableText(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  const cellText = (text: string, column: number): string => {
    const blanks = ' '.repeat((widths[column] ?? 0) - widthOf(text));
    return right.includes(column) ? blanks + text : text + blanks;
  };
  return rows.map((row) => `${row.map(cellText).join('  ').trimEnd()}\n`).join('');
}
