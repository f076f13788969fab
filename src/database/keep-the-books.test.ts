import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../testing/database.ts';

test('what may only be added to can neither be changed nor struck out nor emptied', async () => {
  const db = await testDatabase();
  for (const table of ['ledger_transfers', 'dispenses', 'staff_actions', 'difference_explanations']) {
    await assert.rejects(db.query(`update ${table} set station_number = 1`), /append only/, `update ${table}`);
    await assert.rejects(db.query(`delete from ${table}`), /append only/, `delete from ${table}`);
    await assert.rejects(db.query(`truncate ${table}`), /append only/, `truncate ${table}`);
  }
  await assert.rejects(db.query('truncate differences'), /append only/);
});
