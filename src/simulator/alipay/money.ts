/** `200.00` yuan as fen; null for what Alipay takes for no amount. Written apart from the client's own reading. */
export function readYuan(text: unknown): number | null {
  const match = typeof text === 'string' ? /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text) : null;
  if (match === null) return null;
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

/** -29 fen is `-0.29`. */
export const writeYuan = (fen: number): string =>
  `${fen < 0 ? '-' : ''}${Math.floor(Math.abs(fen) / 100)}.${String(Math.abs(fen) % 100).padStart(2, '0')}`;

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
