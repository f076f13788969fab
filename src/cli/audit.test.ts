import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openDatabase } from '../database/database.ts';
import { runForecourt } from '../testing/command.ts';
import { testDatabaseUrl } from '../testing/database.ts';
import { unreachableUrl } from '../testing/unreachable-database.ts';

describe('forecourt audit', () => {
  let url: string;
  let db: ReturnType<typeof openDatabase>;
  before(async () => {
    url = await testDatabaseUrl();
    db = openDatabase({ url, connectionsMax: 1 });
  });
  after(() => db.close());
  const run = (...words: string[]) => runForecourt(['audit', '--database', url, ...words]);

  test('books in order are exit code 0, and what breaks an invariant is named under it with exit code 1', async () => {
    const whole = await run();
    assert.deepEqual([whole.exitCode, whole.stdout.includes('BROKEN')], [0, false]);
    await db.query('insert into station_sequences (station_number, last_sequence) values (1003, 7)');
    const broken = await run();
    assert.equal(broken.exitCode, 1);
    assert.match(broken.stdout, /BROKEN {2}a station's log has no gap and ends where its counter says\n {10}1003\n/);
    const lines: readonly { broken: readonly string[] }[] = JSON.parse((await run('--json')).stdout);
    assert.deepEqual(
      lines.flatMap((line) => line.broken),
      ['1003'],
    );
  });

  test('a database that cannot be reached is a failure with a sentence, and no broken invariant', async () => {
    const address = await unreachableUrl();
    const text = await runForecourt(['audit', '--database', address]);
    assert.deepEqual([text.exitCode, text.stdout], [3, '']);
    assert.match(text.stderr, /^forecourt audit: .*ECONNREFUSED/);
    const json = await runForecourt(['audit', '--json', '--database', address]);
    assert.deepEqual([json.exitCode, Object.keys(JSON.parse(json.stdout))], [3, ['failure']]);
  });
});
