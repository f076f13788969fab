import { execFile } from 'node:child_process';
import { readFile, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { hasCode, reasonOf } from './embedded-refusal.ts';

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * npm packages cannot hold symbolic links, so the package lists them in `native/pg-symlinks.json` and its install
 * script makes them. Where install scripts are off, they are made here. Gives null, or why they cannot be made.
 */
export async function linkLibraries(packageFolder: string): Promise<string | null> {
  try {
    const list = linkList.parse(JSON.parse(await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8')));
    for (const { source, target } of list) {
      if (!(await exists(join(packageFolder, target)))) {
        await makeLink(relative(dirname(target), source), join(packageFolder, target));
      }
    }
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

async function makeLink(source: string, target: string): Promise<void> {
  try {
    await symlink(source, target);
  } catch (error) {
    // Another process may be mending the same package.
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

const copyMsMax = 60_000;

/**
 * Copies a tree into `to`, which must not exist, so that every user can read it whatever the mask of this process and
 * the modes of the original (npm under a strict mask leaves files that only their owner can read). It is on the disk
 * when this returns. The system's own programs do it in a tenth of the time that a thousand small calls of Node take.
 */
export async function copyTree(from: string, to: string): Promise<void> {
  const options = { timeout: copyMsMax };
  await promisify(execFile)('cp', ['-RP', '--', from, to], options);
  await promisify(execFile)('chmod', ['-R', 'u=rwX,go=rX', '--', to], options);
  await promisify(execFile)('sync', process.platform === 'linux' ? ['-f', to] : [], options);
}
