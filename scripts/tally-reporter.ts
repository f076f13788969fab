import type { TestEvent } from 'node:test/reporters';

/** Counts tests by how they ended, for the closing line of `npm test`. */
export default async function* tally(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    if (event.data.details.type === 'suite') continue;
    if (event.data.skip !== undefined) counts.skipped += 1;
    else if (event.type === 'test:fail') counts.failed += 1;
    else counts.passed += 1;
  }
  yield JSON.stringify(counts);
}
