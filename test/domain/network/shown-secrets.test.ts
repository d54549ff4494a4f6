import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShownSecrets } from '../../../src/domain/network/shown-secrets.ts';

function hiding(...secrets: readonly string[]): ShownSecrets {
  const shown = new ShownSecrets();
  for (const secret of secrets) shown.add(secret);
  return shown;
}

test.each([
  ['whole', 'got AIzaSecretKey!', 'got [secret]!'],
  ['twice in a row', 'AIzaSecretKeyAIzaSecretKey', '[secret]'],
  ['overlapping itself', 'AIzaSecretKeyzaSecretKey', '[secret]'],
  ['cut off, as at the end of a bounded text', 'content-range "AIzaSecr...', 'content-range "[secret]...'],
  ['in two headers that were joined', 'AIzaSec, retKey', '[secret], [secret]'],
  ['in another case, as in a host name', 'https://aizasecretkey.example', 'https://[secret].example'],
])('a secret that stands in a text %s is hidden', (_, text, shown) => {
  expect(hiding('AIzaSecretKey').hide(text)).toBe(shown);
});

test('a secret is hidden as URLs spell it, too', () => {
  expect(hiding('p/ss wörd').hide('to p%2Fss%20w%C3%B6rd or p/ss wörd')).toBe('to [secret] or [secret]');
});

test('where nothing is secret, and around what is, texts stay as they are', () => {
  expect(hiding().hide('anything')).toBe('anything');
  expect(hiding('abc', '').hide('abc')).toBe('abc');
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      expect(hiding('x'.repeat(20)).hide(text.replaceAll('x', 'y').replaceAll('X', 'Y'))).toBe(
        text.replaceAll('x', 'y').replaceAll('X', 'Y'),
      );
    }),
  );
});

test('of any secrets in any text, cut and put together in any way, no six characters in a row are left', () => {
  const secret = fc.string({ minLength: 6, maxLength: 40 }).filter((text) => !'[secret]'.includes(text));
  const parts = fc.array(fc.oneof(fc.tuple(fc.nat(2), fc.nat(40), fc.nat(40)), fc.string({ maxLength: 8 })), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.array(secret, { minLength: 3, maxLength: 3 }), parts, (secrets, pieces) => {
      const text = pieces
        .map((piece) =>
          typeof piece === 'string' ? piece : (secrets[piece[0]] ?? '').slice(piece[1], piece[2]),
        )
        .join('');
      const left = hiding(...secrets)
        .hide(text)
        .split('[secret]');
      for (const one of secrets)
        for (let at = 0; at + 6 <= one.length; at++)
          expect(
            left.filter((rest) => rest.toLowerCase().includes(one.slice(at, at + 6).toLowerCase())),
          ).toEqual([]);
    }),
  );
});

test('a long text is read once', () => {
  const shown = hiding('a'.repeat(1000), 'secret of some length');
  const begun = performance.now();
  expect(shown.hide('ab'.repeat(500_000))).toHaveLength(1_000_000);
  expect(performance.now() - begun).toBeLessThan(3_000);
});
