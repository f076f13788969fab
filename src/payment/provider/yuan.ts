import { formatDecimal, parseDecimal } from '../../base/decimal.ts';

/** 20000 fen are `200.00` yuan, as Chinese services write money in text. */
export const formatYuan = (fen: number): string => formatDecimal(fen, 2);

/** `-0.12000` yuan is -12 fen; null for what is no amount, or is finer than a fen. */
export function parseYuan(yuan: string): number | null {
  const negative = yuan.startsWith('-');
  const fen = parseDecimal(negative ? yuan.slice(1) : yuan, 2);
  return negative && fen !== null ? 0 - fen : fen;
}
