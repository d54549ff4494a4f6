import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filledFor, isTemplate, problemOfTemplate } from '../../../src/domain/mirrors/file-template.ts';

const picture = { key: '4200', path: 'images1024x1024/04000/04200.png' };

test.each([
  ['https://a.example/{path}', 'https://a.example/images1024x1024/04000/04200.png'],
  ['https://a.example/{folder}/{id5}.png', 'https://a.example/04000/04200.png'],
  ['https://a.example/by-id/{id}', 'https://a.example/by-id/4200'],
  ['https://a.example/{folder}/{path}', 'https://a.example/04000/images1024x1024/04000/04200.png'],
])('%s leads to %s', (template, url) => {
  expect(problemOfTemplate(template)).toBeUndefined();
  expect(filledFor(template, picture)).toBe(url);
});

test('a file without an id has no place in a template of ids', () => {
  const manifest = { key: 'ffhq-dataset-v2.json', path: 'ffhq-dataset-v2.json' };
  expect(filledFor('https://a.example/{id5}.png', manifest)).toBeUndefined();
  expect(filledFor('https://a.example/{path}', manifest)).toBe('https://a.example/ffhq-dataset-v2.json');
});

test('no part of a path leaves its place', () => {
  const strange = { key: '1', path: 'a b/ü?x#y%2f/1.png' };
  expect(filledFor('https://a.example/{path}', strange)).toBe(
    'https://a.example/a%20b/%C3%BC%3Fx%23y%252f/1.png',
  );
});

test.each([
  [
    'https://a.example/all.png',
    'expected a template with {path}, {id} or {id5}, got one that is the same for all files',
  ],
  [
    'https://a.example/{folder}.png',
    'expected a template with {path}, {id} or {id5}, got one that is the same for all files',
  ],
  ['https://a.example/{name}', 'expected {path}, {id}, {id5} or {folder} in a template, got {name}'],
  ['https://a.example/{}{id}', 'expected {path}, {id}, {id5} or {folder} in a template, got something else'],
  [
    'https://a.example/{constructor}{id}',
    'expected {path}, {id}, {id5} or {folder} in a template, got {constructor}',
  ],
  ['https://a.example/{id', 'expected braces in pairs, got one alone'],
  ['https://a.example/{{id}}', 'expected braces in pairs, got one alone'],
])('%s is none: %s', (text, problem) => {
  expect(problemOfTemplate(text)).toBe(problem);
});

test('a text with a brace asks to be a template', () => {
  expect(isTemplate('https://a.example/{id')).toBe(true);
  expect(isTemplate('https://a.example/')).toBe(false);
});

test('whatever the template and the file, the URL stays at its server, and holds no place that is not filled', () => {
  const part = fc.oneof(
    fc.constantFrom('{path}', '{id}', '{id5}', '{folder}', '/', '..', '{', '}', '{x}'),
    fc.string(),
  );
  const key = fc.oneof(fc.nat(99_999).map(String), fc.string());
  fc.assert(
    fc.property(fc.array(part), key, fc.string(), (parts, given, path) => {
      const template = `https://a.example/${parts.join('')}`;
      if (problemOfTemplate(template) !== undefined) return;
      const url = filledFor(template, { key: given, path: path.replace(/\p{Cs}/gu, '') });
      if (url === undefined) return;
      expect(new URL(url).origin).toBe('https://a.example');
      expect(url).not.toMatch(/[{}]/);
    }),
  );
});
