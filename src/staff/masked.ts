/** What staff see of a driver: enough to know him again when he names it himself, too little to do anything with. */

/** `oUpF8uMuAJO_M2pxb1Q9zNjWeS6o` is `oUp…S6o`. */
export const maskName = (name: string): string => (name.length <= 8 ? '…' : `${name.slice(0, 3)}…${name.slice(-3)}`);

/** `+86 138 0013 8000` is `…8000`. */
export const maskPhone = (phone: string): string => `…${phone.replace(/\D/g, '').slice(-4)}`;

/** The network, not the host: `203.0.113.7` is `203.0.113.…`, `2001:db8:1:2::7` is `2001:db8:…`. */
export function maskAddress(address: string): string {
  if (!address.includes(':')) return `${address.split('.').slice(0, 3).join('.')}.…`;
  return `${address.split(':').slice(0, 2).join(':')}:…`;
}
