import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { secondMs } from '../base/clock.ts';
import { type Refusal, refuse } from '../base/problem.ts';
import type { TerminalKey } from './terminal-key.ts';

/**
 * HTTP Message Signatures (RFC 9421) with Ed25519, and Content-Digest (RFC 9530), by which a terminal proves itself to the cloud. Method,
 * path and query are covered, not the host, because a proxy before the cloud may name it otherwise. There is no nonce: a request that
 * is played again within the clock's tolerance is either a read, whose answer TLS hides, or reports, which are known by their ids.
 */
export type SignedRequest = {
  readonly method: string;
  /** Path and query as on the request line, for example `/v1/terminal/feed`. */
  readonly target: string;
  /** Names in small letters, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The bytes as they came, before anything parsed them; empty where there are none. */
  readonly body: Uint8Array;
};

/** How far the terminal's clock may be from the cloud's. */
export const clockToleranceMs = 300 * secondMs;

const label = 'terminal';
const always = ['@method', '@path', '@query'] as const;

/**
 * The headers that sign a request: `signature-input`, `signature`, and `content-digest` where there is a body. `now` is in
 * milliseconds since 1970; the signature holds whole seconds (RFC 9421, 2.3).
 */
export function signRequest(
  key: Pick<TerminalKey, 'terminalId' | 'privateKey'>,
  request: { readonly method: string; readonly target: string; readonly body?: Uint8Array },
  now: number,
): Record<string, string> {
  const body = request.body ?? new Uint8Array();
  const headers: Record<string, string> = body.length === 0 ? {} : { 'content-digest': contentDigest(body) };
  const covered = body.length === 0 ? always : [...always, 'content-digest'];
  const created = Math.floor(now / secondMs);
  const params = `(${covered.map((name) => `"${name}"`).join(' ')});created=${created};keyid="${key.terminalId}";alg="ed25519"`;
  const base = signatureBase({ ...request, headers, body }, covered, params);
  if (base === null) throw new Error(`no signature base for ${request.method} ${request.target}`);
  const signature = sign(null, Buffer.from(base), key.privateKey).toString('base64');
  return { ...headers, 'signature-input': `${label}=${params}`, signature: `${label}=:${signature}:` };
}

/**
 * The enrolled terminal that signed, as `findTerminal` gives it (its public key parsed once and kept by the caller), or, in the order in
 * which it is checked: `terminal_signature_invalid` (no signature, more than one, not the form that `signRequest` writes, body not
 * covered or not the one signed), `terminal_unknown`, `terminal_signature_invalid` (the signature does not hold),
 * `terminal_clock_wrong` (created more than 300 s from `now`; the detail tells the cloud's time).
 */
export async function verifyRequest<Terminal extends { readonly publicKey: KeyObject }>(
  request: SignedRequest,
  findTerminal: (terminalId: string) => Promise<Terminal | null> | Terminal | null,
  now: number,
): Promise<Terminal | Refusal> {
  const input = readSignature(request.headers);
  if (input === null || !coversAll(input.covered, request.body)) return refuse('terminal_signature_invalid');
  if (input.alg !== null && input.alg !== 'ed25519') return refuse('terminal_signature_invalid');
  const digest = valueOf(request, 'content-digest');
  if (digest !== null && digest !== contentDigest(request.body)) return refuse('terminal_signature_invalid');
  const terminal = await findTerminal(input.keyId);
  if (terminal === null) return refuse('terminal_unknown');
  const base = signatureBase(request, input.covered, input.params);
  if (base === null || !verify(null, Buffer.from(base), terminal.publicKey, input.signature)) {
    return refuse('terminal_signature_invalid');
  }
  if (Math.abs(now - input.createdMs) > clockToleranceMs) {
    return refuse('terminal_clock_wrong', { cloudTime: new Date(now).toISOString() });
  }
  return terminal;
}

/** `sha-256=:…:` of the body (RFC 9530, 2). */
export const contentDigest = (body: Uint8Array): string =>
  `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;

/** What is signed (RFC 9421, 2.5), or null where a covered part is not in the message. */
export function signatureBase(request: SignedRequest, covered: readonly string[], params: string): string | null {
  const lines: string[] = [];
  for (const name of covered) {
    const value = valueOf(request, name);
    if (value === null) return null;
    lines.push(`"${name}": ${value}\n`);
  }
  return `${lines.join('')}"@signature-params": ${params}`;
}

/** A component's value: derived (RFC 9421, 2.2) or a field's (2.1). */
function valueOf(request: SignedRequest, name: string): string | null {
  const queryAt = request.target.indexOf('?');
  switch (name) {
    case '@method':
      return request.method;
    case '@path':
      return (queryAt === -1 ? request.target : request.target.slice(0, queryAt)) || '/';
    case '@query':
      return queryAt === -1 ? '?' : request.target.slice(queryAt);
    case '@authority':
      return valueOf(request, 'host')?.toLowerCase() ?? null;
    default: {
      const value = request.headers[name];
      if (value === undefined || name.startsWith('@')) return null;
      return (typeof value === 'string' ? [value] : value).map((line) => line.trim()).join(', ');
    }
  }
}

function coversAll(covered: readonly string[], body: Uint8Array): boolean {
  if (new Set(covered).size !== covered.length) return false;
  const needed = body.length === 0 ? always : [...always, 'content-digest'];
  return needed.every((name) => covered.includes(name));
}

type SignatureInput = {
  readonly covered: readonly string[];
  /** As it stood in the header: what we accept has one spelling only, so the text itself is its serialisation. */
  readonly params: string;
  readonly createdMs: number;
  readonly keyId: string;
  readonly alg: string | null;
  readonly signature: Uint8Array;
};

/** Label, covered components without parameters, then parameters that are whole numbers or plain strings (RFC 9421, 4.1). */
const inputForm =
  /^([a-z][a-z0-9_.*-]{0,63})=(\("[a-z@][a-z0-9-]{0,63}"(?: "[a-z@][a-z0-9-]{0,63}"){0,15}\)(?:;[a-z]+=(?:\d{1,12}|"[\x20-\x21\x23-\x5b\x5d-\x7e]{0,128}")){1,8})$/;
const signatureForm = /^([a-z][a-z0-9_.*-]{0,63})=:([A-Za-z0-9+/]{86}==):$/;

/** The one signature of a request (RFC 9421, 4), or null where there is none, more than one, or one of another form. */
export function readSignature(headers: SignedRequest['headers']): SignatureInput | null {
  const { 'signature-input': inputText, signature: signatureText } = headers;
  if (typeof inputText !== 'string' || typeof signatureText !== 'string') return null;
  const [, inputLabel, params] = inputForm.exec(inputText) ?? [];
  const [, signatureLabel, signature] = signatureForm.exec(signatureText) ?? [];
  if (params === undefined || signature === undefined || inputLabel !== signatureLabel) return null;
  const bytes = Buffer.from(signature, 'base64');
  // Base64 has spare bits at its end: only the one true spelling is taken.
  if (bytes.toString('base64') !== signature) return null;
  const listEnd = params.indexOf(')');
  const covered = [...params.slice(0, listEnd).matchAll(/"([^"]*)"/g)].map(([, name]) => name ?? '');
  const values = new Map([...params.slice(listEnd + 1).matchAll(/;([a-z]+)=(?:(\d+)|"([^"]*)")/g)].map(readParam));
  const created = values.get('created');
  const keyId = values.get('keyid');
  const alg = values.get('alg') ?? null;
  if (typeof created !== 'number' || typeof keyId !== 'string' || typeof alg === 'number') return null;
  return { covered, params, createdMs: created * secondMs, keyId, alg, signature: bytes };
}

const readParam = ([, name, digits, text]: RegExpMatchArray): [string, number | string] => [
  name ?? '',
  digits === undefined ? (text ?? '') : Number(digits),
];
