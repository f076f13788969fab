import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { canEnter } from './embedded-account.ts';
import { prepareBinaries } from './embedded-binaries.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import {
  answerOf,
  ask,
  copiedFolder,
  copyAll,
  dataFolderOf,
  isClosedToOthers,
  isRoot,
  killStarter,
  packageFolder,
  settings,
  sharedFolder,
  spawnStarter,
  trialFolder,
} from './testing/embedded-trial.ts';

const nobody = { uid: 65_534, gid: 65_534 } as const;
const bin15 = '/usr/lib/postgresql/15/bin';
const needsRoot = !isRoot && 'needs root';

/** The npm package as it lies where install scripts are off; hard links where they can be made, for speed. */
async function copyPackageWithoutLinks(target: string): Promise<void> {
  await copyAll(packageFolder, target, '-RlP').catch(async () => {
    await rm(target, { recursive: true, force: true });
    await copyAll(packageFolder, target);
  });
  const libraries = join(target, 'native', 'lib');
  for (const entry of await readdir(libraries, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(libraries, entry.name));
  }
}

void test('where the path is too long for a socket, the address is 127.0.0.1', async (t) => {
  const folder = await copiedFolder(t, 'a-rather-long-name/'.repeat(6));
  const postgres = await startEmbeddedPostgres({ folder, settings });
  assert.equal(new URL(postgres.url).search, '');
  assert.deepEqual(await ask(postgres.url, 'select host(inet_server_addr())'), ['127.0.0.1']);
  await postgres.stop();
});

void test('the links of the libraries are made where install scripts were off', async (t) => {
  const top = await trialFolder(t);
  await copyPackageWithoutLinks(join(top, 'package'));
  assert.equal(existsSync(join(top, 'package/native/lib/libpq.so.5')), false);
  const folder = await sharedFolder(t);
  const options = { folder, settings, packageFolder: join(top, 'package'), copyFolders: [] };
  await (await startEmbeddedPostgres(options)).stop();
  assert.equal(existsSync(join(top, 'package/native/lib/libpq.so.5')), true);
});

void test('root runs it from a checkout and on data that only root may enter', { skip: needsRoot }, async (t) => {
  const top = await trialFolder(t);
  const home = join(top, 'home');
  await mkdir(home, { mode: 0o700 });
  await copyPackageWithoutLinks(join(home, 'package'));
  const folder = await trialFolder(t, 'home/data');
  await mkdir(dirname(folder), { mode: 0o700 });
  const copies = join(top, 'copies');
  const options = { folder, settings, packageFolder: join(home, 'package'), copyFolders: [folder, copies] };
  const first = await startEmbeddedPostgres(options);
  await ask(first.url, 'create table pump (number int)', 'insert into pump values (7)');
  await first.stop();
  assert.equal((await stat(dataFolderOf(folder))).uid, nobody.uid);
  const [copy] = await readdir(copies);
  const made = await stat(join(copies, copy ?? ''));
  const second = await startEmbeddedPostgres(options);
  assert.deepEqual(await ask(second.url, 'select number from pump'), [7]);
  await second.stop();
  assert.deepEqual(await readdir(copies), [copy]);
  assert.equal((await stat(join(copies, copy ?? ''))).ino, made.ino);
});

void test('a copy that another user has put into a public folder is never run', { skip: needsRoot }, async (t) => {
  const top = await trialFolder(t);
  const home = join(top, 'home');
  await mkdir(home, { mode: 0o700 });
  await copyPackageWithoutLinks(join(home, 'package'));
  const copies = join(top, 'copies');
  const wanted = { account: nobody, packageFolder: join(home, 'package'), copyFolders: [copies] };
  await prepareBinaries(wanted);
  const [copy] = await readdir(copies);
  await chown(join(copies, copy ?? ''), nobody.uid, nobody.gid);
  await assert.rejects(prepareBinaries(wanted), /was made by somebody else/);
});

void test('an ordinary user runs it in a folder of his own, with a package that he cannot mend', {
  skip: needsRoot,
}, async (t) => {
  if (!(await canEnter(nobody, dirname(process.execPath))) || !(await canEnter(nobody, import.meta.dirname))) {
    t.skip('Node or this checkout lies where an ordinary user cannot read it');
    return;
  }
  const top = await trialFolder(t);
  await copyPackageWithoutLinks(join(top, 'package'));
  const folder = await trialFolder(t, 'home/data');
  const home = dirname(folder);
  await mkdir(home);
  await chown(home, nobody.uid, nobody.gid);
  await chmod(home, 0o700);
  const starter = spawnStarter(t, { folder, packageFolder: join(top, 'package') }, nobody);
  const { url, complaint } = await answerOf(starter);
  assert.equal(complaint, '');
  assert.deepEqual(await ask(url, 'create table pump (number int)', 'insert into pump values (7)'), []);
  assert.ok((await readdir(folder)).some((name) => name.startsWith('postgresql-')));
  await killStarter(starter);
  // Root finds that user's PostgreSQL, and the folder stays that user's.
  const next = await startEmbeddedPostgres({ folder, settings });
  assert.deepEqual(await ask(next.url, 'select number from pump'), [7]);
  await next.stop();
  await (await startEmbeddedPostgres({ folder, settings })).stop();
  assert.equal((await stat(dataFolderOf(folder))).uid, nobody.uid);
});

void test('an ordinary user is told whose folder it is when it is not his', {
  skip: needsRoot || isClosedToOthers,
}, async (t) => {
  const folder = await copiedFolder(t);
  const { complaint } = await answerOf(spawnStarter(t, { folder }, nobody));
  assert.match(complaint, /belongs to user id 0 and this process runs as 65534/);
  await chown(join(folder, 'server'), nobody.uid, nobody.gid);
  assert.match((await answerOf(spawnStarter(t, { folder }, nobody))).complaint, /CannotStartPostgres: cannot lock/);
});

void test('another PostgreSQL can be named, and its folder is then refused by this one', {
  skip: !existsSync(bin15) && 'needs PostgreSQL 15',
}, async (t) => {
  const folder = await trialFolder(t);
  const postgres = await startEmbeddedPostgres({ folder, settings, binFolder: bin15 });
  assert.match(postgres.version, /^15\.\d+$/);
  assert.deepEqual(await ask(postgres.url, 'show fsync'), ['on']);
  await postgres.stop();
  await assert.rejects(startEmbeddedPostgres({ folder, settings }), /made by PostgreSQL 15, and this is PostgreSQL 18/);
});

void test('where no PostgreSQL can be run, every reason is named', async (t) => {
  const folder = await trialFolder(t);
  const options = { folder, settings, packageFolder: join(folder, 'nothing'), copyFolders: [folder] };
  await assert.rejects(startEmbeddedPostgres(options), /cannot be run:\n.*nothing.*\n.*nothing/);
  await assert.rejects(startEmbeddedPostgres({ folder, settings, binFolder: folder }), /cannot be run: .*ENOENT/);
});

void test('a folder with content of somebody else is left alone', async (t) => {
  const folder = await trialFolder(t);
  await mkdir(join(folder, 'server'));
  await symlink('/nowhere', join(folder, 'server', 'something'));
  await assert.rejects(startEmbeddedPostgres({ folder, settings }), /has content, but no PostgreSQL data/);
  await rm(join(folder, 'server', 'something'));
});
