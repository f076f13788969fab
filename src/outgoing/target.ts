import { BlockList, isIP } from 'node:net';

/**
 * Where events may be sent. Whoever may subscribe could otherwise make our servers call our own insides (server-side request forgery): so only
 * https, to a public address, which is checked after the name was resolved and is then the very address that is connected to.
 */
export type TargetRefusal =
  | 'url_unreadable'
  | 'url_too_long'
  | 'url_not_https'
  | 'url_has_credentials'
  | 'url_has_fragment'
  | 'url_port_refused'
  | 'url_address_refused';

export type Target = { readonly url: URL } | { readonly refused: TargetRefusal };

const urlLengthMax = 2_048;

/** Ports below are those of other services (ssh, smtp, dns …), but for 443; a chain's own system may well stand on 8443. */
const otherPortMin = 1_024;

/**
 * The URL of a subscription, or the first thing wrong with it. `loopback`: this machine itself may be the target, by http too, as in a demo. Refuses in the
 * order of `TargetRefusal`. A host that is a name is judged later, by its address.
 */
export function readTarget(text: string, loopback: boolean): Target {
  const url = URL.parse(text);
  if (url === null) return { refused: 'url_unreadable' };
  if (url.href.length > urlLengthMax) return { refused: 'url_too_long' };
  const isPlain = url.protocol === 'http:' && loopback && isLoopbackHost(hostOf(url));
  if (url.protocol !== 'https:' && !isPlain) return { refused: 'url_not_https' };
  if (url.username !== '' || url.password !== '') return { refused: 'url_has_credentials' };
  if (url.hash !== '') return { refused: 'url_has_fragment' };
  if (url.port !== '' && Number(url.port) < otherPortMin) return { refused: 'url_port_refused' };
  const host = hostOf(url);
  if (isIP(host) !== 0 && !mayConnect(host, loopback)) return { refused: 'url_address_refused' };
  return { url };
}

/** The host without the brackets of an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');

const isLoopbackHost = (host: string): boolean => host === 'localhost' || isLoopbackAddress(host);

/** Whether events may be sent to an IP address. */
export const mayConnect = (address: string, loopback: boolean): boolean =>
  isPublicAddress(address) || (loopback && isLoopbackAddress(address));

/** IANA's special-purpose IPv4 addresses, multicast, the reserved rest, and what clouds serve their machines' own secrets on. */
const insideIpv4 = blockListOf('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  // Shared by the customers of a carrier (RFC 6598); Alibaba Cloud's metadata are at 100.100.100.200.
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Link-local; the metadata of most clouds are at 169.254.169.254.
  '169.254.0.0/16',
  // Azure's channel to its machines: a public address with nothing public behind it.
  '168.63.129.16/32',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);

/**
 * Of IPv6 only global unicast is public, 2000::/3. Loopback, link-local, unique local, multicast, IPv4-mapped and both NAT64 prefixes lie outside
 * of it; what embeds IPv4 addresses or is not for the internet lies inside and is taken out.
 */
const globalIpv6 = blockListOf('ipv6', ['2000::/3']);
const insideIpv6 = blockListOf('ipv6', [
  // IETF's own assignments, Teredo (which embeds IPv4) among them.
  '2001::/23',
  '2001:db8::/32',
  // 6to4 embeds IPv4.
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
]);

function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !insideIpv4.check(address, 'ipv4');
    case 6:
      return globalIpv6.check(address, 'ipv6') && !insideIpv6.check(address, 'ipv6');
    default:
      return false;
  }
}

const loopbackIpv4 = blockListOf('ipv4', ['127.0.0.0/8']);

const isLoopbackAddress = (address: string): boolean =>
  isIP(address) === 4 ? loopbackIpv4.check(address, 'ipv4') : address === '::1';

function blockListOf(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', prefix] = subnet.split('/');
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
