import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemRandom } from '../base/random.ts';
import { makeStaffId, mayDo, readRights, readStaffName, worksAt } from './staff-member.ts';

void describe('a member of staff', () => {
  it('works at the stations that are named, or at all', () => {
    assert.deepEqual(
      [1003, 1004, 1005].map((number) => worksAt({ stationNumbers: [1003, 1005] }, number)),
      [true, false, true],
    );
    assert.ok(worksAt({ stationNumbers: null }, 7));
    assert.ok(!worksAt({ stationNumbers: [] }, 7));
  });

  it('may only what was given, and one right brings no other', () => {
    assert.ok(mayDo({ rights: ['refund'] }, 'refund'));
    assert.ok(!mayDo({ rights: ['refund', 'dispense'] }, 'override'));
    assert.ok(!mayDo({ rights: ['override'] }, 'refund'));
    assert.ok(!mayDo({ rights: [] }, 'dispense'));
  });

  it('has rights that are read by their names, each once', () => {
    assert.deepEqual(readRights('dispense, refund,refund'), ['refund', 'dispense']);
    assert.deepEqual(readRights(''), []);
    assert.equal(readRights('refund,everything'), null);
    assert.equal(readRights('Refund'), null);
  });

  it('has a name that can be printed', () => {
    assert.equal(readStaffName('  李伟 '), '李伟');
    for (const name of ['', '   ', 'x'.repeat(65), 'a\u0007b', 'a\u202eb']) assert.equal(readStaffName(name), null);
    assert.equal(readStaffName('x'.repeat(64))?.length, 64);
  });

  it('has an id of its own', () => {
    const ids = new Set(Array.from({ length: 100 }, () => makeStaffId(systemRandom)));
    assert.equal(ids.size, 100);
    for (const id of ids) assert.match(id, /^stf_[0-9A-Z]{13}$/);
  });
});
