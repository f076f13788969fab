import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `npm run check`: the whole of CI in one command. Types, lint, format, pages, the demo from an empty folder, the installable package, and all
 * tests; the tests come last, so that the last line is theirs. What fails ends it.
 */
type Step = { readonly title: string; readonly words: readonly string[] };

const folder = mkdtempSync(join(tmpdir(), 'forecourt-check-'));
const steps: readonly Step[] = [
  { title: 'types', words: ['npm', 'run', '-s', 'types'] },
  { title: 'lint and format', words: ['npm', 'run', '-s', 'lint'] },
  { title: 'pages', words: ['npm', 'run', '-s', 'pages'] },
  { title: 'demo', words: ['npm', 'start', '-s', '--', '--once', '--port', '0', '--data', join(folder, 'demo')] },
  { title: 'installable package', words: ['node', 'scripts/try-package.ts'] },
  { title: 'tests', words: ['npm', 'test', '-s'] },
];

let status = 0;
for (const { title, words } of steps) {
  process.stdout.write(`\n## ${title}\n`);
  const [program = '', ...rest] = words;
  const { status: code } = spawnSync(program, rest, { stdio: 'inherit' });
  if (code === 0) continue;
  // A reader of the last line alone must not take this for a pass.
  if (title !== 'tests') process.stdout.write(`\n${title} failed\n0 passed, 1 failed\n`);
  status = 1;
  break;
}
rmSync(folder, { recursive: true, force: true });
process.exitCode = status;
