import fc from 'fast-check';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import { formatRecords, parseRecords, rangesToMend } from '../../../src/domain/tfrecord/damage.ts';
import { frameOf } from '../../../src/domain/tfrecord/frame.ts';
import { RecordCheck } from '../../../src/domain/tfrecord/record-check.ts';
import { hostileText } from '../../support/hostile-text.ts';
import { hostileBytes, spoilt } from '../hostile/bytes.ts';
import { law } from '../law.ts';

const RECORD = 50;
const RECORDS = 12;
const whole = Buffer.concat(
  Array.from({ length: RECORDS }, (_, nth) => frameOf(Buffer.alloc(RECORD - 16, nth))),
);
const spec: FileSpec = {
  ...{ kind: 'tfrecords', key: 'r', url: '', path: 'r', size: whole.length, recordBytes: RECORD },
};

const read = fc.record({
  edits: hostileBytes(),
  piece: fc.integer({ min: 1, max: 200 }),
  note: fc.oneof(hostileText, fc.stringMatching(/^[0-9,-]{0,20}$/)),
});

/** A file of records with any bytes, and notes of damage with any text. */
export const tfrecordFiles = law('tfrecord-files', 300, read, ({ edits, piece, note }) => {
  const file = spoilt(whole, edits);
  const check = new RecordCheck(RECORD);
  for (let at = 0; at < file.length; at += piece) check.take(file.subarray(at, at + piece));
  const damaged = check.end();
  const isDamaged = (record: number) => damaged.some(({ from, end }) => from <= record && record < end);
  for (let record = 0; record * RECORD < file.length; record++) {
    const frame = file.subarray(record * RECORD, (record + 1) * RECORD);
    const isWhole =
      frame.length === RECORD && frameOf(frame.subarray(12, -4)).every((byte, at) => byte === frame[at]);
    if (isWhole === isDamaged(record))
      throw new Error(`record ${record}: expected it ${isWhole ? 'whole' : 'damaged'}, got the other`);
  }
  if (damaged.length > 0 && JSON.stringify(parseRecords(formatRecords(damaged))) !== JSON.stringify(damaged))
    throw new Error('note: expected the same damage back, got another');
  for (const { offset, end } of rangesToMend(spec, parseRecords(note)) ?? [])
    if (offset < 0 || end <= offset || end > whole.length || (end - offset) % RECORD !== 0)
      throw new Error(`range: expected one of records of the file, got ${offset} to ${end}`);
});
