import { decode } from 'cbor2';

/** What a permit says (devices.md 4.3). Times in milliseconds since 1970, whole seconds on the wire. */
export type PermitClaims = {
  readonly stationNumber: number;
  readonly expiresAt: number;
  readonly issuedAt: number;
  readonly permitId: Uint8Array;
  readonly plate: string | null;
  readonly pump: number | null;
};

// CWT claim keys (RFC 8392 section 4) and our private one, below -65536 as RFC 8392 section 9.1.1 asks.
const issuerKey = 1;
const expiryKey = 4;
const issuedAtKey = 6;
const permitIdKey = 7;
const plateAndPumpKey = -65537;

const permitIdBytes = 8;
const cborNull = 0xf6;

const text = new TextEncoder();

/** CBOR head: major type and argument, in the shortest form (RFC 8949 section 4.2.1). */
export function cborHead(majorType: number, argument: number): number[] {
  const high = majorType << 5;
  if (argument < 24) return [high | argument];
  if (argument < 0x100) return [high | 24, argument];
  if (argument < 0x10000) return [high | 25, argument >> 8, argument & 0xff];
  return [high | 26, (argument >>> 24) & 0xff, (argument >>> 16) & 0xff, (argument >>> 8) & 0xff, argument & 0xff];
}

const unsigned = (value: number): number[] => cborHead(0, value);
const negative = (value: number): number[] => cborHead(1, -1 - value);
export const byteString = (bytes: Uint8Array): number[] => [...cborHead(2, bytes.length), ...bytes];
export const textString = (value: string): number[] => {
  const bytes = text.encode(value);
  return [...cborHead(3, bytes.length), ...bytes];
};

/** The CWT payload: a map of five claims, in this order and no other. */
export function encodeClaims(claims: PermitClaims): Uint8Array {
  return Uint8Array.from([
    ...cborHead(5, 5),
    ...unsigned(issuerKey),
    ...textString(`s${claims.stationNumber}`),
    ...unsigned(expiryKey),
    ...unsigned(claims.expiresAt / 1000),
    ...unsigned(issuedAtKey),
    ...unsigned(claims.issuedAt / 1000),
    ...unsigned(permitIdKey),
    ...byteString(claims.permitId),
    ...negative(plateAndPumpKey),
    ...cborHead(4, 2),
    ...(claims.plate === null ? [cborNull] : textString(claims.plate)),
    ...(claims.pump === null ? [cborNull] : unsigned(claims.pump)),
  ]);
}

/** The claims of a payload, or null where it is not, byte for byte, what `encodeClaims` writes. */
export function decodeClaims(payload: Uint8Array): PermitClaims | null {
  const claims = readMap(payload);
  if (claims === null) return null;
  const again = encodeClaims(claims);
  return Buffer.compare(again, payload) === 0 ? claims : null;
}

function readMap(payload: Uint8Array): PermitClaims | null {
  let map: unknown;
  try {
    map = decode(payload, { preferMap: true });
  } catch {
    return null;
  }
  if (!(map instanceof Map)) return null;
  const issuer: unknown = map.get(issuerKey);
  const expiry: unknown = map.get(expiryKey);
  const issued: unknown = map.get(issuedAtKey);
  const permitId: unknown = map.get(permitIdKey);
  const plateAndPump: unknown = map.get(plateAndPumpKey);
  if (typeof issuer !== 'string' || !/^s[1-9]\d{0,9}$/.test(issuer)) return null;
  if (!isSeconds(expiry) || !isSeconds(issued)) return null;
  if (!(permitId instanceof Uint8Array) || permitId.length !== permitIdBytes) return null;
  if (!Array.isArray(plateAndPump) || plateAndPump.length !== 2) return null;
  const [plate, pump]: unknown[] = plateAndPump;
  if (plate !== null && typeof plate !== 'string') return null;
  if (pump !== null && !isSeconds(pump)) return null;
  return {
    stationNumber: Number(issuer.slice(1)),
    expiresAt: expiry * 1000,
    issuedAt: issued * 1000,
    permitId: new Uint8Array(permitId),
    plate,
    pump,
  };
}

const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
