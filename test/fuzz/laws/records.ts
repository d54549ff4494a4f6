import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { FailureLog } from '../../../src/activities/records/failure-log.ts';
import { Seal } from '../../../src/activities/records/seal.ts';
import { readVerified, recordsPurpose } from '../../../src/activities/records/verified-records.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import { quoted, quotedJson } from '../../../src/domain/quoting/quoted.ts';
import {
  discardOf,
  findVouchingRecord,
  knownOf,
  lastDigest,
  nextTurn,
  withoutOutdated,
} from '../../../src/domain/verify/verification-record.ts';
import { failureLine, reportedFailure } from '../../../src/domain/words/report.ts';
import { testSeal } from '../../support/test-key.ts';
import { hostileBytes, spoilt } from '../hostile/bytes.ts';
import { hostileJson, textOf } from '../hostile/json.ts';
import { law } from '../law.ts';

const md5 = 'a'.repeat(32) as Md5;
const run = '01a21af5-df8e-70c1-b175-968890e27d7c';
const path = 'images1024x1024/00000/00007.png';
/** Of a folder that says no id. */
const purpose = recordsPurpose(undefined, 'images', '00000');
const elsewhere = {
  'ours, of another folder': recordsPurpose(undefined, 'images', '01000'),
  'ours, of another dataset folder': recordsPurpose('0'.repeat(32), 'images', '00000'),
};
const theirSeal = new Seal(Buffer.alloc(32, 'theirs'));

const record = {
  ...{ file: path, size: 5, mtime: '17', run, at: '2026-01-01T00:00:00.000Z', turn: 1 },
  ...{ how: 'stored', md5, pixelMd5: md5, from: md5, recipe: md5, passing: true, born: '3' },
};

const texts = fc
  .dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 })
  .map((value) => JSON.stringify(value));

export const seals = law(
  'seals',
  200,
  fc.record({ text: texts, purpose: fc.string(), bytes: hostileBytes(), any: fc.string() }),
  ({ text, purpose: of, bytes, any }) => {
    const sealed = testSeal.close(of, text);
    if (testSeal.open(of, sealed) !== text) throw new Error('open: expected the text again');
    const foreign = [
      text,
      any,
      `{"a":1,"mac":"${any}"}`,
      theirSeal.close(of, text),
      testSeal.close(`${of}x`, text),
    ];
    const changed = spoilt(Buffer.from(sealed), bytes).toString();
    if (changed !== sealed) foreign.push(changed);
    for (const one of foreign)
      if (testSeal.open(of, one) !== undefined) throw new Error(`open: expected nothing of ${one}`);
  },
);

const places = Object.keys(elsewhere) as readonly Place[];

/** One line of a file of records, and who made it. */
const line = fc.record({
  json: hostileJson(2),
  by: fc.constantFrom('ours' as const, 'theirs' as const, 'nobody' as const, ...places),
  bytes: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, hostileBytes(1)),
});

export const verifiedRecords = law(
  'records',
  60,
  fc.record({ lines: fc.array(line, { maxLength: 5 }), bytes: hostileBytes(1) }),
  async ({ lines, bytes }, { store }) => {
    const folder = join(store, statePaths.verified('images', '00000'));
    rmSync(join(store, '.ffhq'), { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    // What our own key has sealed is what this program wrote: such lines are damaged, and not made up.
    const ours = new Set<string>();
    const written = lines.map(({ json, by, bytes: damage }, nth) => {
      const said = JSON.stringify({ ...record, turn: nth });
      if (by === 'ours') ours.add(said);
      const text = by === 'ours' ? testSeal.close(purpose, said) : foreign(by, textOf(record, json));
      return spoilt(Buffer.from(text), damage);
    });
    writeFileSync(
      join(folder, 'w1.jsonl'),
      spoilt(Buffer.concat(written.flatMap((one) => [one, Buffer.from('\n')])), bytes),
    );
    const files = await readVerified(store, 'images', '00000', testSeal);
    for (const [file, records] of files) {
      const strange = records.find((one) => !ours.has(JSON.stringify(one)));
      if (strange !== undefined || file !== path)
        throw new Error(`record: expected one of ours, got ${JSON.stringify(strange)}`);
      const there = { size: 5, mtime: '17' };
      const spec = { kind: 'images', key: '7', url: '', path, size: 5, md5 } as const;
      if (!Number.isSafeInteger(nextTurn(records))) throw new Error('turn: expected a number');
      for (const ask of [knownOf, discardOf]) ask(records, there);
      findVouchingRecord(spec, records, there);
      lastDigest(spec, records);
      withoutOutdated(records);
    }
  },
);

type Place = keyof typeof elsewhere;

function foreign(by: 'theirs' | 'nobody' | Place, text: string): string {
  if (by === 'theirs') return theirSeal.close(purpose, text);
  return by === 'nobody' ? text : testSeal.close(elsewhere[by], text);
}

const failure = {
  kind: 'images',
  key: '7',
  path,
  outcome: 'missing',
  reason: 'quota',
  detail: 'no',
  attempts: 2,
};
const notes = [failure, { key: '7', voided: 1 }, { key: '7', faults: 3 }];

export const failureNotes = law(
  'failure-notes',
  20,
  fc.record({
    lines: fc.array(fc.record({ of: fc.nat(notes.length - 1), json: hostileJson(2) }), { maxLength: 5 }),
    bytes: fc.oneof(fc.constant([]), hostileBytes(2)),
  }),
  async ({ lines, bytes }, { store }) => {
    rmSync(join(store, '.ffhq'), { recursive: true, force: true });
    const texts = lines.map(({ of, json }) => textOf(notes[of], json).replaceAll('\n', ' '));
    for (const folder of [statePaths.failures, statePaths.faults].map((of) =>
      join(store, of(run, 'images', '00000')),
    )) {
      mkdirSync(folder, { recursive: true });
      const purpose = `notes ${folder.split('/').slice(-4).join('/')}`;
      const sealed = texts.map((text) => (text.startsWith('{') ? testSeal.close(purpose, text) : text));
      writeFileSync(join(folder, 'w1.jsonl'), spoilt(Buffer.from(sealed.join('\n')), bytes));
    }
    const log = new FailureLog('reader', testSeal);
    for (const [, faults] of await log.readFaults(store, run, 'images', '00000')) Number.isInteger(faults);
    await log.readNoted(store, run, 'images', '00000');
    for await (const one of log.readFailures(store, run)) {
      const reported = reportedFailure(one);
      const said = [quoted(failureLine(reported)), quotedJson(reported)];
      if (said.some((part) => /[\p{C}\p{Zl}\p{Zp}]/u.test(part)))
        throw new Error(`report: expected printable lines, got ${said}`);
    }
  },
);
