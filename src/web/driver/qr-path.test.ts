import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { correction, generate } from 'lean-qr';
import { drawModules, quietModules } from './qr-path.ts';

/** The modules that a path of `M… h… v1 h… z` rectangles covers. */
function coverOf(path: string): ReadonlySet<string> {
  const covered = new Set<string>();
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let step = 0; step < Number(width); step += 1) covered.add(`${Number(x) + step} ${y}`);
  }
  return covered;
}

void describe('the drawing of a QR code', () => {
  it('covers exactly the dark modules, inside a quiet zone of four', () => {
    const code = generate(`FP1:${'9T3A0N8H5R2M'.repeat(17)}`, { minCorrectionLevel: correction.M });
    const covered = coverOf(drawModules(code));
    let dark = 0;
    for (let y = 0; y < code.size; y += 1) {
      for (let x = 0; x < code.size; x += 1) {
        if (!code.get(x, y)) continue;
        dark += 1;
        assert.ok(covered.has(`${x + quietModules} ${y + quietModules}`), `${x} ${y}`);
      }
    }
    assert.equal(covered.size, dark);
  });

  // Byte mode would need 57 modules, too fine for the print and the scanners of devices.md 4.2.
  it("of a permit's 206 characters is a version 8 code of 49 modules a side, as alphanumeric mode gives", () => {
    const token = `FP1:${'9T3A0N8H5R2M'.repeat(17)}`.slice(0, 206);
    assert.equal(generate(token, { minCorrectionLevel: correction.M }).size, 49);
  });
});
