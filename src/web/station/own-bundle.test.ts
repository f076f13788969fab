import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { buildPages, pagesFolder } from '../../testing/built-pages.ts';

const read = (path: string): string => readFileSync(join(pagesFolder, path), 'utf8');
const namedIn = (html: string): readonly string[] =>
  [...read(html).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');

void describe("the staff's page", () => {
  before(buildPages);

  it('has files of its own, and the driver fetches none of them', () => {
    const own = namedIn('staff.html');
    assert.ok(own.length >= 3 && own.every((path) => path.startsWith('/assets/staff/')), own.join(' '));
    for (const html of ['index.html', 'station.html', 'order.html'])
      assert.deepEqual(
        namedIn(html).filter((path) => path.includes('staff')),
        [],
        html,
      );
    const ofDriver = globSync('assets/*.js', { cwd: pagesFolder });
    assert.ok(ofDriver.length > 0);
    for (const path of ofDriver) assert.ok(!/staff\/orders|fcs_/.test(read(path)), path);
  });

  it('carries nothing inline, which its Content-Security-Policy would forbid', () => {
    const html = read('staff.html');
    assert.ok(!/<style|<script(?![^>]*src=)|\son\w+=|style=/.test(html), html);
  });
});
