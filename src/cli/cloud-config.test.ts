import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCloudConfig } from './cloud-config.ts';

test('yesterday is reconciled at half past ten of Beijing, at another time that is named, or never by itself', () => {
  const reconcileAt = (text?: string) => {
    const config = readCloudConfig({}, text === undefined ? {} : { FORECOURT_RECONCILE_AT: text });
    return 'mistakes' in config ? config.mistakes : config.reconcileAtMs;
  };
  assert.deepEqual(
    [reconcileAt(), reconcileAt('00:00'), reconcileAt('23:59'), reconcileAt('never')],
    [37_800_000, 0, 86_340_000, null],
  );
  for (const text of ['', '24:00', '10.30', '9:00', 'always'])
    assert.deepEqual(reconcileAt(text), ['FORECOURT_RECONCILE_AT must be a time such as 10:30, or never'], text);
});
