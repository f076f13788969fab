import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { buildPages, pagesFolder } from '../testing/built-pages.ts';

/** devices.md 7.2: a poor link at a pump, a page opened once. */
const firstLoadBytesMax = 15 * 1024;

/** What a browser fetches before the first page of an address is drawn: the HTML and all that it names, each as small as it is served. */
function firstLoadBytes(html: string): number {
  const named = [...readFileSync(join(pagesFolder, html), 'utf8').matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)];
  return [html, ...named.map(([, path]) => path ?? '')]
    .map((path) => statSync(join(pagesFolder, `${path}.br`)).size)
    .reduce((sum, bytes) => sum + bytes, 0);
}

void describe('the first load, compressed', () => {
  before(buildPages);

  for (const [html, address] of [
    ['index.html', '/'],
    ['station.html', '/p/:code'],
  ] as const) {
    it(`is at most 15 KiB at ${address}`, () => {
      const bytes = firstLoadBytes(html);
      assert.ok(bytes <= firstLoadBytesMax, `${bytes} bytes`);
    });
  }

  it('names every module of the first page, so that none is found out about late', () => {
    for (const html of ['index.html', 'station.html', 'order.html']) {
      const text = readFileSync(join(pagesFolder, html), 'utf8');
      const modules = [...text.matchAll(/"\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path ?? '');
      for (const path of modules) {
        const imports = readFileSync(join(pagesFolder, path), 'utf8').matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g);
        for (const [, name] of imports)
          assert.ok(modules.includes(`assets/${name}`), `${html} lacks ${name}, which ${path} imports`);
      }
    }
  });
});
