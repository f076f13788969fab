import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The rules of the house that a machine can hold (ARCHITECTURE.md). */

const root = fileURLToPath(new URL('.', import.meta.url));
type SourceFile = {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly lines: readonly string[];
};

const files: readonly SourceFile[] = globSync('**/*.{ts,tsx,sql}', { cwd: root })
  .sort()
  .map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return { path, room: path.includes('/') ? (path.split('/')[0] ?? '') : '', text, lines: text.split('\n') };
  });
const isTest = ({ path }: SourceFile): boolean =>
  path.endsWith('.test.ts') || path.startsWith('testing/') || path.includes('/testing/');
const products = files.filter((file) => !isTest(file) && /\.tsx?$/.test(file.path));

/** What a file imports from the house, as paths from `src/`. `import type` counts too: a type is knowledge. */
function importsOf(file: SourceFile): readonly string[] {
  return [...file.text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path]) =>
    normalize(join(dirname(file.path), path ?? '')),
  );
}

const roomOf = (path: string): string => path.split('/')[0] ?? '';

function assertNone(offenders: readonly string[], rule: string): void {
  assert.deepEqual(offenders, [], rule);
}

test('base imports nothing of the house', () => {
  assertNone(
    products
      .filter((file) => file.room === 'base')
      .flatMap((file) =>
        importsOf(file)
          .filter((path) => roomOf(path) !== 'base')
          .map((path) => `${file.path} -> ${path}`),
      ),
    'base is the floor that all stand on',
  );
});

test('nobody imports api or cli, but the programs in cli', () => {
  assertNone(
    products
      .filter((file) => file.room !== 'cli')
      .flatMap((file) =>
        importsOf(file)
          .filter((path) => roomOf(path) === 'cli' || (roomOf(path) === 'api' && file.room !== 'api'))
          .map((path) => `${file.path} -> ${path}`),
      ),
    'api and cli are the doors',
  );
});

test('the nouns know nothing of the journey, and only the journey joins them', () => {
  const nouns = ['station', 'order', 'payment', 'permit', 'device', 'outgoing', 'staff'];
  // What one noun may know of another: plain rules and data, never the other's rows.
  const allowed = (path: string): boolean => nouns.includes(roomOf(path)) && !path.endsWith('.sql.ts');
  assertNone(
    products
      .filter((file) => nouns.includes(file.room))
      .flatMap((file) =>
        importsOf(file)
          .filter(
            (path) =>
              roomOf(path) !== file.room && roomOf(path) !== 'base' && roomOf(path) !== 'database' && !allowed(path),
          )
          .map((path) => `${file.path} -> ${path}`),
      ),
    'nouns hold rules, the journey knows the order of things',
  );
});

test('the terminal and the pages know the cloud only through its messages', () => {
  const mayKnow = (file: SourceFile, path: string): boolean =>
    roomOf(path) === file.room ||
    roomOf(path) === 'base' ||
    path.endsWith('.message.ts') ||
    (file.room === 'terminal' && roomOf(path) === 'device') ||
    path === 'station/price.ts' ||
    path === 'station/station.ts';
  assertNone(
    products
      .filter((file) => file.room === 'terminal' || file.room === 'web')
      .flatMap((file) =>
        importsOf(file)
          .filter((path) => !mayKnow(file, path))
          .map((path) => `${file.path} -> ${path}`),
      ),
    'rows stay in the cloud',
  );
});

test('SQL stands only in .sql.ts files and migrations', () => {
  // Simulators keep their own books, in files of the same ending.
  const statement =
    /[`'"]\s*(select\s+[\w*(]|insert\s+into\s|update\s+\w+\s+(\w+\s+)?set\s|delete\s+from\s|with\s+\w+\s+as\s*\()/i;
  const mayHold = ({ path }: SourceFile): boolean =>
    path.endsWith('.sql.ts') || path.startsWith('database/') || path === 'api/health.ts';
  assertNone(
    products.filter((file) => !mayHold(file) && statement.test(file.text)).map((file) => file.path),
    'one statement a function, in a file that says so',
  );
});

// "Service" is not among them: here it is a payment service, a noun of the trade.
test('no file is called after nothing', () => {
  assertNone(
    files
      .filter(({ path }) => /(^|[/-])(utils?|helpers?|common|managers?|handlers?|data|infos?|misc)(\.|-|\/)/.test(path))
      .map(({ path }) => path),
    'a file says what it is',
  );
});

test('types are true: no any, no non-null assertion, no enum, no unfinished work', () => {
  const banned: readonly (readonly [RegExp, string])[] = [
    [/:\s*any\b|<any>|\bas any\b/, 'any'],
    [/\benum\s+\w+\s*\{/, 'enum'],
    [/@ts-(ignore|expect-error|nocheck)/, 'a switched-off check'],
    [/\b(TODO|FIXME|XXX|HACK)\b/, 'unfinished work'],
    [/throw\s+['"`]/, 'a thrown string'],
  ];
  const isComment = (line: string): boolean => /^\s*(\/?\*|\/\/)/.test(line) && !/@ts-|TODO|FIXME/.test(line);
  const offences = ({ path, lines }: SourceFile): readonly string[] =>
    lines.flatMap((line, index) =>
      isComment(line)
        ? []
        : banned.filter(([pattern]) => pattern.test(line)).map(([, name]) => `${path}:${index + 1} ${name}`),
    );
  assertNone(files.filter(({ path }) => path !== 'tidy.test.ts').flatMap(offences), 'the compiler is our first reader');
});

test('rules and steps take time, randomness and outside calls as arguments', () => {
  const rooms = ['order', 'payment', 'permit', 'station', 'journey', 'terminal', 'device', 'outgoing', 'staff'];
  const banned = /\b(Date\.now\(|Math\.random\(|randomUUID\(|setTimeout\(|setInterval\(|(?<![.\w])fetch\()/;
  // Programs' edges, which hand the real ones to the rest: timers of a socket, of a watch, of a retry.
  const edges = [
    'station/watch-stations.ts',
    'outgoing/watch-subscriptions.ts',
    'device/printer/printer-connection.ts',
    'device/printer/tcp-printer.ts',
    'terminal/terminal.ts',
    'terminal/link.ts',
    'terminal/retry.ts',
    'terminal/bell.ts',
    'terminal/terminal-key.ts',
    'journey/signal.ts',
    'terminal/cloud-call.ts',
    'terminal/event-stream.ts',
  ];
  assertNone(
    products
      .filter((file) => rooms.includes(file.room) && !edges.includes(file.path))
      .flatMap(({ path, lines }) =>
        lines.flatMap((line, index) => (banned.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
      ),
    'a seeded simulation can replay a day',
  );
});

test('files stay readable: 300 lines at most, lines that fit on a screen', () => {
  const lineLengthMax = 200;
  assertNone(
    products.filter(({ lines }) => lines.length > 300).map(({ path, lines }) => `${path} has ${lines.length} lines`),
    'a file fits in a few screens',
  );
  // Published vectors and pages of HTML and CSS stand as they are.
  const mayBeLong = (path: string): boolean =>
    path.endsWith('published-vectors.ts') || /-page(\.text)?\.ts$/.test(path);
  assertNone(
    products
      .filter(({ path }) => !mayBeLong(path))
      .flatMap(({ path, lines }) =>
        lines.flatMap((line, index) =>
          line.length > lineLengthMax ? [`${path}:${index + 1} is ${line.length} characters long`] : [],
        ),
      ),
    'a line fits on a screen',
  );
});

test('tests wait for events, never for luck', () => {
  assertNone(
    files
      .filter((file) => isTest(file) && file.path !== 'tidy.test.ts')
      .flatMap(({ path, lines }) =>
        lines.flatMap((line, index) =>
          /setTimeout\(\s*(resolve|r|done)\b|\bsleep\(|setTimeout.*timers\/promises/.test(line)
            ? [`${path}:${index + 1}`]
            : [],
        ),
      ),
    'no sleeping in tests',
  );
});

test('every link of the documents leads somewhere', () => {
  const house = join(root, '..');
  const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: house });
  const linksOf = (path: string): readonly string[] =>
    [...readFileSync(join(house, path), 'utf8').matchAll(/\]\(([^)\s#]+)/g)].map(([, link]) => link ?? '');
  assertNone(
    documents.flatMap((path) =>
      linksOf(path)
        .filter((link) => !/^https?:/.test(link) && !existsSync(join(house, dirname(path), link)))
        .map((link) => `${path} -> ${link}`),
    ),
    'a reader is not led astray',
  );
});

test('migrations are numbered without a gap', () => {
  const names = globSync('database/migrations/*.sql', { cwd: root })
    .map((path) => path.split('/').at(-1) ?? '')
    .sort();
  assert.deepEqual(
    names.map((name) => Number(name.slice(0, 3))),
    names.map((_, index) => index + 1),
  );
});
