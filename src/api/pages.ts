import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { documentationStyle } from './documentation.ts';

/** Where `npm run pages` puts them, seen from a checkout and from an installed package alike. */
const findFolder = (): string | undefined =>
  ['../../dist/pages', '../pages']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(join(path, 'index.html')));

/**
 * Addresses that the driver's page reads by itself, each with the HTML that names what its first page needs (`vite.config.ts`); any of the
 * three could answer all.
 */
const driverAddresses = {
  '/': 'index.html',
  '/p/:code': 'station.html',
  '/s/:number': 'station.html',
  '/o/:id': 'order.html',
} as const;

const addresses = { ...driverAddresses, '/staff': 'staff.html' } as const;

// The cashier that a payment service redirects to is another origin; we ourselves load nothing from elsewhere.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self' https:",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  // WeChat's H5 cashier refuses a visitor who does not say from which site he comes.
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'geolocation=(self), camera=(self)',
};

const yearSeconds = 31_536_000;

export async function servePages(app: FastifyInstance): Promise<void> {
  app.get('/docs.css', (_, reply) => reply.type('text/css; charset=utf-8').send(documentationStyle));
  const folder = findFolder();
  if (folder === undefined) {
    for (const url of Object.keys(addresses)) app.get(url, (_, reply) => tellMissing(reply));
    return;
  }
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    immutable: true,
    maxAge: yearSeconds * 1000,
    decorateReply: true,
    preCompressed: true,
  });
  // Hashed names never change their content; the HTML that names them is asked for anew each time, and mostly answered with 304.
  for (const [url, file] of Object.entries(addresses))
    app.get(url, (_, reply) =>
      reply.header('cache-control', 'no-cache').sendFile(file, folder, { cacheControl: false }),
    );
}

const tellMissing = (reply: FastifyReply): FastifyReply =>
  reply.code(503).type('text/plain; charset=utf-8').send('The pages are not built: npm run pages\n');
