import { createHash } from 'node:crypto';

/** Who pays, as facts carry it: enough to compare, too little to know him by. */
export const digestPayer = (openId: string): string => createHash('sha256').update(openId).digest('hex');
