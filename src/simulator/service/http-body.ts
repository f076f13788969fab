import type { IncomingMessage } from 'node:http';

export const requestBytesMax = 64 * 1024;

/** The body of a request as text, or null where it is larger than `requestBytesMax`. */
export async function readText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    byteCount += bytes.length;
    if (byteCount > requestBytesMax) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, byteCount).toString('utf8');
}
