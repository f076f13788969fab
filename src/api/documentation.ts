import { z } from 'zod';
import { problemOf, type RefusalName, refusalNames } from '../base/problem.ts';
import type { Journey } from '../journey/journey.ts';
import { permitKeyListMessage, writeKeyList } from '../permit/permit-key-list.ts';
import { type Route, route } from './route.ts';

/** The API described by itself: from the very routes and schemas that serve it. */
export function documentationRoutes(journey: Journey, routes: readonly Route[]): readonly Route[] {
  const own: Route[] = [
    route('GET', '/v1/permit-keys', {
      summary: 'The public keys that permits are signed with, for gates and for `forecourt permit verify`.',
      caller: 'anyone',
      answer: { schema: permitKeyListMessage },
      handle: async () => ({ status: 200, json: writeKeyList(journey.permitKeys) }),
    }),
    route('GET', '/openapi.json', {
      summary: 'This API as OpenAPI 3.1.',
      caller: 'anyone',
      answer: {},
      handle: async () => ({ status: 200, json: describeApi([...routes, ...own]) }),
    }),
    route('GET', '/docs', {
      summary: 'This API for people.',
      caller: 'anyone',
      answer: { type: 'text/html' },
      handle: async () => ({
        status: 200,
        text: showApi([...routes, ...own]),
        headers: { 'content-type': 'text/html; charset=utf-8' },
      }),
    }),
  ];
  return own;
}

type Json = { readonly [name: string]: unknown };

/** OpenAPI writes `{id}` where the server's router has `:id`. */
const openApiPath = (url: string): string => url.replace(/:(\w+)/g, '{$1}');
const paramNames = (url: string): readonly string[] => [...url.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '');

function describeApi(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const one of routes)
    paths[openApiPath(one.url)] = { ...paths[openApiPath(one.url)], [one.method.toLowerCase()]: describeRoute(one) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Forecourt',
      version: '1',
      description: "Order fuel on a phone, pay on the phone, leave with the station's own permit.",
    },
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: {
        driver: { type: 'http', scheme: 'bearer', description: 'The accessToken that came with the order.' },
        staff: { type: 'http', scheme: 'bearer', description: 'What `forecourt staff add` printed.' },
        terminal: {
          type: 'http',
          scheme: 'signature',
          description: 'HTTP Message Signatures (RFC 9421), Ed25519, by the key that was enrolled for the station.',
        },
      },
    },
  };
}

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'code', 'text', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: refusalNames },
    detail: { type: 'string' },
    text: { type: 'object', properties: { 'zh-CN': { type: 'string' }, en: { type: 'string' } } },
    hint: { type: 'object' },
  },
};

function describeRoute(one: Route): Json {
  const { answer } = one;
  return {
    summary: one.summary,
    tags: [one.caller],
    ...(['driver', 'staff', 'terminal'].includes(one.caller) ? { security: [{ [one.caller]: [] }] } : {}),
    parameters: describeParameters(one),
    ...(one.body === null
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: toSchema(one.body, 'input') } } } }),
    responses: {
      [String(answer.status)]: {
        description: 'Done.',
        content: { [answer.type]: answer.schema === null ? {} : { schema: toSchema(answer.schema, 'output') } },
      },
      ...Object.fromEntries(Object.entries(one.otherAnswers).map(([status, description]) => [status, { description }])),
      ...describeRefusals(refusalsOf(one)),
    },
  };
}

/** What every route of its kind may refuse, besides its own. */
export function refusalsOf(one: Route): readonly RefusalName[] {
  return [
    ...(one.creates ? (['idempotency_key_missing', 'idempotency_key_invalid'] as const) : []),
    ...(one.body === null && one.query === null ? [] : (['malformed_body'] as const)),
    ...(one.method === 'POST' ? (['body_too_large'] as const) : []),
    ...one.refusals,
  ];
}

const toSchema = (schema: z.ZodType, io: 'input' | 'output'): unknown =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' });

function describeParameters(one: Route): readonly Json[] {
  const inPath = paramNames(one.url).map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const key = one.creates
    ? [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: true,
          schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{16,64}$' },
        },
      ]
    : [];
  if (one.query === null) return [...inPath, ...key];
  const schema = z
    .object({ properties: z.record(z.string(), z.unknown()).default({}), required: z.array(z.string()).default([]) })
    .parse(toSchema(one.query, 'input'));
  const inQuery = Object.entries(schema.properties).map(([name, property]) => ({
    name,
    in: 'query',
    required: schema.required.includes(name),
    schema: property,
  }));
  return [...inPath, ...inQuery, ...key];
}

function describeRefusals(names: readonly RefusalName[]): Json {
  const byStatus = Map.groupBy(names, (name) => String(problemOf(name).status));
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.join(', '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function showApi(routes: readonly Route[]): string {
  const sections = routes.map(
    (one) => `<section><h2><code>${one.method} ${escapeHtml(one.url)}</code></h2><p>${escapeHtml(one.summary)}</p>
<p class="meta">For: ${one.caller}.${one.creates ? ' Needs an <code>Idempotency-Key</code>.' : ''} Answers <code>${one.answer.status} ${one.answer.type}</code>.</p>
${showSchema('Query', one.query)}${showSchema('Body', one.body)}${showSchema('Answer', one.answer.schema)}${showRefusals(refusalsOf(one))}</section>`,
  );
  const refusals = refusalNames.map((name) => {
    const { status, en, zh } = problemOf(name);
    return `<tr id="${name}"><td><code>${name}</code></td><td>${status}</td><td>${escapeHtml(en)}</td><td lang="zh-CN">${escapeHtml(zh)}</td></tr>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Forecourt API</title>
<link rel="stylesheet" href="/docs.css"></head><body><main><h1>Forecourt API</h1>
<p>The same as <a href="/openapi.json">OpenAPI 3.1</a>. Money, prices and volumes are decimal strings; times are RFC 3339 in UTC.
Every refusal is <a href="#refusals">problem details</a> (RFC 9457) with a stable <code>code</code>.</p>
${sections.join('\n')}
<h2 id="refusals">Refusals</h2><table><thead><tr><th>Code</th><th>Status</th><th>For the driver</th><th lang="zh-CN">对用户</th></tr></thead><tbody>
${refusals.join('\n')}
</tbody></table></main></body></html>
`;
}

function showSchema(title: string, schema: z.ZodType | null): string {
  if (schema === null) return '';
  const text = JSON.stringify(toSchema(schema, title === 'Answer' ? 'output' : 'input'), null, 2);
  return `<details><summary>${title}</summary><pre>${escapeHtml(text)}</pre></details>\n`;
}

const showRefusals = (names: readonly RefusalName[]): string =>
  names.length === 0
    ? ''
    : `<p class="meta">Refuses: ${names.map((name) => `<a href="#${name}"><code>${name}</code></a>`).join(', ')}</p>`;

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Served as `/docs.css`, since no page of ours carries a style inside. */
export const documentationStyle = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
h2 { font-size: 1.05rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
section { border-top: 1px solid var(--line); padding: 1rem 0 .5rem; }
section p { margin: 0 0 .5rem; }
.meta { font-size: .875rem; opacity: .8; }
pre { overflow: auto; max-height: 24rem; padding: .75rem; border: 1px solid var(--line); border-radius: .5rem; font-size: .8125rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
td, .meta { overflow-wrap: anywhere; }
a { color: light-dark(#0b4fc4, #9dbbff); }
th, td { text-align: start; vertical-align: top; padding: .375rem .5rem; border-bottom: 1px solid var(--line); }
tr:target { background: color-mix(in srgb, gold 30%, transparent); }
`;
