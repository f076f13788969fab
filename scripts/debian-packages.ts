import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What the tests use of the machine besides npm: a second PostgreSQL, Chinese letters for pictures, a reader of QR codes. */
const packages = [
  { name: 'postgresql-15', isThere: () => debianPostgres() !== null, without: 'nothing is tried on PostgreSQL 15' },
  {
    name: 'fonts-noto-cjk',
    isThere: () => existsSync('/usr/share/fonts/opentype/noto'),
    without: 'Chinese letters in pictures are boxes',
  },
  { name: 'zbar-tools', isThere: () => existsSync('/usr/bin/zbarimg'), without: 'printed QR codes are not read back' },
] as const;

/** The folder with PostgreSQL 15's programs, where Debian puts them, or null. */
export function debianPostgres(): string | null {
  const folder = '/usr/lib/postgresql/15/bin';
  return existsSync(`${folder}/postgres`) ? folder : null;
}

/**
 * Installs what is missing where that needs nobody's leave: as root, on Debian, unless FORECOURT_TEST_INSTALL=no. Gives a line for each
 * package that is still missing, with what is therefore not tried.
 */
export async function bringDebianPackages(): Promise<readonly string[]> {
  const missing = packages.filter((one) => !one.isThere());
  if (missing.length === 0) return [];
  const mayInstall =
    process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && process.env['FORECOURT_TEST_INSTALL'] !== 'no';
  if (mayInstall) install(missing.map((one) => one.name));
  return packages
    .filter((one) => !one.isThere())
    .map((one) => `# missing: ${one.name} (${one.without}); apt-get install ${one.name}`);
}

function install(names: readonly string[]): void {
  process.stdout.write(`# installing ${names.join(', ')}\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const words of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', ...names],
  ]) {
    spawnSync('apt-get', words, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  }
}
