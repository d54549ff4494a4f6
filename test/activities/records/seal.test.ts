import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Seal } from '../../../src/activities/records/seal.ts';

const seal = new Seal(Buffer.alloc(32, 'ours'));
const objects = fc
  .dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 })
  .map((value) => JSON.stringify(value));

test('what was sealed is known again, as JSON with one member more, and in no other place', () => {
  fc.assert(
    fc.property(objects, fc.string(), (text, purpose) => {
      const sealed = seal.close(purpose, text);
      expect(seal.open(purpose, sealed)).toBe(text);
      expect(seal.open(`${purpose}x`, sealed)).toBeUndefined();
      expect(JSON.parse(sealed)).toEqual({ ...JSON.parse(text), mac: JSON.parse(sealed).mac });
    }),
  );
});

test('a text of another key, without a mark, or with one character changed is none of ours', () => {
  fc.assert(
    fc.property(objects, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (text, at, other) => {
      const sealed = seal.close('a', text);
      expect(seal.open('a', text)).toBeUndefined();
      expect(seal.open('a', new Seal(Buffer.alloc(32, 'theirs')).close('a', text))).toBeUndefined();
      const place = at % sealed.length;
      const changed = sealed.slice(0, place) + other + sealed.slice(place + 1);
      if (changed !== sealed) expect(seal.open('a', changed)).toBeUndefined();
    }),
  );
});

test('whatever a file holds, looking at it throws nothing', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((mac) => `{"a":1,"mac":"${mac}"}`),
      ),
      (text) => {
        expect(seal.open('a', text)).toBeUndefined();
      },
    ),
  );
});
