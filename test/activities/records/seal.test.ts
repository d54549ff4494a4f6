import { expect, test } from 'vitest';
import { Seal } from '../../../src/activities/records/seal.ts';
import { expectLaw } from '../../fuzz/law.ts';
import { seals } from '../../fuzz/laws/records.ts';

const seal = new Seal(Buffer.alloc(32, 'ours'));

test('what was sealed is known again, as JSON with one member more, and in no other place', () => {
  const text = '{"a":{"mac":"b"}}';
  const sealed = seal.close('here', text);
  expect(seal.open('here', sealed)).toBe(text);
  expect(seal.open('there', sealed)).toBeUndefined();
  expect(JSON.parse(sealed)).toEqual({ a: { mac: 'b' }, mac: expect.stringMatching(/^[\w-]{22}$/) });
});

test('a text of another key, without a mark, or with anything in it changed is none of ours, and throws nothing', () =>
  expectLaw(seals));
