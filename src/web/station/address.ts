/** What stands behind the `#` of the staff's page: the order that is open, and once the token, which is taken out of it. */
export type StaffAddress = { readonly token: string | null; readonly orderId: string | null };

export function readAddress(hash: string): StaffAddress {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const orderId = parts.get('order') ?? '';
  return { token: parts.get('token'), orderId: /^[0-9A-Z]{24}$/.test(orderId) ? orderId : null };
}

/** Without a `#` where no order is open. */
export const writeAddress = (path: string, orderId: string | null): string =>
  orderId === null ? path : `${path}#order=${orderId}`;
