import { spawnSync } from 'node:child_process';
import { cpSync, globSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `npm pack` ships JavaScript, since Node strips no types below `node_modules`: compiles `src`, copies migrations, builds the pages. */
const root = fileURLToPath(new URL('..', import.meta.url));

function run(...words: readonly [string, ...string[]]): void {
  const [program, ...rest] = words;
  if (spawnSync(program, rest, { cwd: root, stdio: 'inherit' }).status !== 0)
    throw new Error(`${words.join(' ')} failed`);
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
run('tsc', '-p', 'tsconfig.build.json');
for (const file of globSync('**/*.sql', { cwd: join(root, 'src') }))
  cpSync(join(root, 'src', file), join(root, 'dist', dirname(file), file.split('/').at(-1) ?? ''));
run('vite', 'build', '--logLevel', 'warn');
