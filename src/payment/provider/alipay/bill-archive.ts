import { unzipSync } from 'fflate';
import { ProviderError } from '../provider.ts';

export const billBytesMax = 64 * 1024 * 1024;
const unpackedBytesMax = 512 * 1024 * 1024;
const filesMax = 10;

export const unreadable = (why: string): ProviderError =>
  new ProviderError('unknown', 'bill', `Alipay's bill cannot be read: ${why}`);

/**
 * The text of the day's rows, out of the ZIP archive that Alipay makes: names and contents are GBK; beside the rows stands a file of sums
 * (汇总). Throws `ProviderError` `unknown` for an archive that is cut off, too large, or holds no rows.
 */
export function openBillArchive(archive: Uint8Array): string {
  const rows = unpackRows(archive);
  try {
    return new TextDecoder('gbk', { fatal: true }).decode(rows);
  } catch {
    throw unreadable('its text is not GBK');
  }
}

function unpackRows(archive: Uint8Array): Uint8Array {
  let seen = 0;
  try {
    const files = unzipSync(archive, {
      filter({ name, originalSize }) {
        seen += 1;
        return seen <= filesMax && originalSize <= unpackedBytesMax && isRowsFile(readName(name));
      },
    });
    const [rows] = Object.values(files);
    if (rows !== undefined) return rows;
  } catch (error) {
    throw unreadable(`its ZIP archive is cut off or damaged (${String(error)})`);
  }
  throw unreadable('its ZIP archive holds no 业务明细');
}

const isRowsFile = (name: string): boolean => name.includes('业务明细') && !name.includes('汇总');

/** A name that is not marked as UTF-8 comes as one character a byte. */
function readName(name: string): string {
  const bytes = Uint8Array.from(name, (character) => character.charCodeAt(0));
  return Array.from(name).every((character) => character.charCodeAt(0) < 256)
    ? new TextDecoder('gbk').decode(bytes)
    : name;
}
