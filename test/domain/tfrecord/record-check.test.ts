import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from '../../../src/domain/tfrecord/crc32c.ts';
import {
  bytesOfRecords,
  damageInWords,
  formatRecords,
  parseRecords,
} from '../../../src/domain/tfrecord/damage.ts';
import { frameOf } from '../../../src/domain/tfrecord/frame.ts';
import { RecordCheck, type RecordRange } from '../../../src/domain/tfrecord/record-check.ts';

test('the checksum is the published one, whatever pieces the bytes come in and wherever they lie', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  // RFC 3720, appendix B.4.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(7), (bytes, cut, shift) => {
      const elsewhere = new Uint8Array(bytes.length + shift);
      elsewhere.set(bytes, shift);
      const moved = elsewhere.subarray(shift);
      expect(crc32c(moved.subarray(cut), crc32c(moved.subarray(0, cut)))).toBe(crc32c(bytes));
    }),
  );
});

test('a frame is what TensorFlow and Apache Beam write', () => {
  expect(Buffer.from(frameOf(Buffer.from('foo'))).toString('base64')).toBe('AwAAAAAAAACwmUkOZm9vYYq+/g==');
});

const RECORD = 40;
const fileOf = (records: number) =>
  Buffer.concat(
    Array.from({ length: records }, (_, nth) => frameOf(Buffer.alloc(RECORD - 16, `record ${nth}`))),
  );

function check(file: Uint8Array, piece = file.length): readonly RecordRange[] {
  const checked = new RecordCheck(RECORD);
  for (let at = 0; at < file.length; at += piece) checked.take(file.subarray(at, at + piece));
  return checked.end();
}

test('whatever bytes of a file are others, exactly the records that hold them are named, in whatever pieces it is read', () => {
  const whole = fileOf(30);
  fc.assert(
    fc.property(
      fc.array(fc.nat(whole.length - 1), { maxLength: 12 }),
      fc.integer({ min: 1, max: 200 }),
      (places, piece) => {
        const file = Buffer.from(whole);
        for (const place of new Set(places)) file[place] = (file[place] ?? 0) ^ 0x10;
        const damaged = [...new Set(places.map((place) => Math.floor(place / RECORD)))].sort((a, b) => a - b);
        const named = check(file, piece).flatMap(({ from, end }) =>
          Array.from({ length: end - from }, (_, nth) => from + nth),
        );
        expect(named).toEqual(damaged);
      },
    ),
  );
});

test('zeros, another length with its own right checksum, and what breaks off are damaged', () => {
  expect(check(Buffer.alloc(2 * RECORD))).toEqual([{ from: 0, end: 2 }]);
  const other = Buffer.concat([fileOf(1), frameOf(Buffer.alloc(RECORD - 17)), Buffer.alloc(1), fileOf(1)]);
  expect(check(other)).toEqual([{ from: 1, end: 2 }]);
  expect(check(fileOf(3).subarray(0, -1))).toEqual([{ from: 2, end: 3 }]);
});

test('of damage without end so much is kept, and the last range goes on to the last damaged record', () => {
  const file = fileOf(1_001);
  for (let record = 0; record < 1_001; record += 2) file[record * RECORD + 20] = 0;
  const ranges = check(file);
  expect(ranges.length).toBe(256);
  expect(ranges.at(-1)).toEqual({ from: 510, end: 1_001 });
});

test('damage is noted as ranges and read again; what nobody could have noted is none', () => {
  const ranges = [
    { from: 0, end: 1 },
    { from: 17, end: 20 },
  ];
  expect(formatRecords(ranges)).toBe('0,17-19');
  expect(parseRecords('0,17-19')).toEqual(ranges);
  for (const text of [
    '',
    '5-4',
    '3,3',
    '9,1',
    '-1',
    '1e9',
    'x',
    '1,',
    '9999999999',
    7,
    undefined,
    '1,'.repeat(5_000),
  ])
    expect(parseRecords(text)).toBeUndefined();
  const spec = {
    kind: 'tfrecords',
    key: 'r',
    url: '',
    path: 'r',
    size: 20 * RECORD,
    recordBytes: RECORD,
  } as const;
  expect(bytesOfRecords(spec, ranges)).toEqual([
    { offset: 0, end: 40 },
    { offset: 680, end: 800 },
  ]);
  expect(bytesOfRecords(spec, [{ from: 19, end: 21 }])).toBeUndefined();
  expect(bytesOfRecords({ ...spec, size: 20 * RECORD + 1 }, ranges)).toBeUndefined();
  expect(damageInWords(spec, ranges)).toBe('4 of its 20 records damaged: 0, 17-19');
});
