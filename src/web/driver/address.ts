/** Where in the pages the driver is. The cloud serves one index.html for all of them. */
export type Address =
  | { readonly at: 'find' }
  | { readonly at: 'pump'; readonly pumpCode: string }
  | { readonly at: 'station'; readonly stationNumber: number }
  | { readonly at: 'order'; readonly orderId: string }
  | { readonly at: 'unknown' };

/** The address that a path names: `/`, `/p/:pumpCode`, `/s/:stationNumber`, `/o/:orderId`. */
export function readAddress(path: string): Address {
  if (path === '/') return { at: 'find' };
  const [, kind, name = ''] = /^\/([pso])\/([0-9A-Za-z-]{1,64})\/?$/.exec(path) ?? [];
  if (kind === 'p') return { at: 'pump', pumpCode: name };
  if (kind === 's' && /^\d{1,10}$/.test(name)) return { at: 'station', stationNumber: Number(name) };
  if (kind === 'o') return { at: 'order', orderId: name };
  return { at: 'unknown' };
}

export function writeAddress(address: Address): string {
  if (address.at === 'pump') return `/p/${address.pumpCode}`;
  if (address.at === 'station') return `/s/${address.stationNumber}`;
  return address.at === 'order' ? `/o/${address.orderId}` : '/';
}

/**
 * The pump code in what a driver typed or a scanner gave: the bare code, with blanks or hyphens, or the whole link that the pump's QR holds.
 * Null where nothing like a code is in it; whether the code is right, the cloud says.
 */
export function readTypedCode(typed: string): string | null {
  const linked = /\/p\/([0-9A-Za-z-]+)\/?$/i.exec(typed.trim());
  const code = (linked?.[1] ?? typed).normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();
  return /^[0-9A-Z]{1,64}$/.test(code) ? code : null;
}
