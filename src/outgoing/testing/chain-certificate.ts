import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** What a receiver behind TLS serves in a test, both in PEM. */
export interface ChainCertificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * A certificate of the name `host`, signed by itself with a key made now (P-256, SHA-256), good for a day either side of now. Nobody trusts it who
 * was not told to. Written out in DER because Node makes keys but no certificates. Source: RFC 5280, section 4.1.
 */
export function chainCertificate(host: string): ChainCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(oid.commonName, der(0x0c, Buffer.from(host)))));
  const algorithm = sequence(oid.ecdsaWithSha256);
  const dayMs = 86_400_000;
  const version3 = der(0xa0, integer(Buffer.of(2)));
  const extensions = der(
    0xa3,
    sequence(
      sequence(oid.basicConstraints, octets(sequence(der(0x01, Buffer.of(0xff))))),
      sequence(oid.subjectAltName, octets(sequence(der(0x82, Buffer.from(host))))),
    ),
  );
  const toBeSigned = sequence(
    version3,
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(Date.now() - dayMs), time(Date.now() + dayMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  );
  const signature = der(0x03, Buffer.of(0), sign('sha256', toBeSigned, privateKey));
  return {
    cert: pem(sequence(toBeSigned, algorithm, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const pem = (certificate: Buffer): string => {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
};

/** One DER value of less than 64 KiB: its tag, its length in as few bytes as it needs, its contents. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const { length } = body;
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const set = (...parts: readonly Buffer[]): Buffer => der(0x31, ...parts);
const integer = (bytes: Buffer): Buffer => der(0x02, bytes);
const octets = (contents: Buffer): Buffer => der(0x04, contents);
const time = (atMs: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(atMs).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`));

const oid = {
  commonName: der(0x06, Buffer.of(0x55, 0x04, 0x03)),
  subjectAltName: der(0x06, Buffer.of(0x55, 0x1d, 0x11)),
  basicConstraints: der(0x06, Buffer.of(0x55, 0x1d, 0x13)),
  ecdsaWithSha256: der(0x06, Buffer.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)),
};
