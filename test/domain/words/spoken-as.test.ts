import { expect, test } from 'vitest';
import { spokenAs } from '../../../src/domain/words/spoken-as.ts';

test('an installed program is called by its name', () => {
  const spoken = spokenAs('/usr/lib/node_modules/ffhq-temporal/');
  expect(spoken('server')).toBe('ffhq server');
  expect(spoken('run', '--sample')).toBe('ffhq run --sample');
  expect(spoken('watch', 'ffhq-faces-1')).toBe('ffhq watch ffhq-faces-1');
});

test('a checkout is called by npm, with flags after --', () => {
  const spoken = spokenAs('/home/me/ffhq/');
  expect(spoken('run')).toBe('npm start');
  expect(spoken('run', '--sample')).toBe('npm start -- --sample');
  expect(spoken('worker')).toBe('npm run worker');
  expect(spoken('watch', 'ffhq-faces-1')).toBe('npx ffhq watch ffhq-faces-1');
});

test('outside of a checkout `npx` is not spoken: it would ask the registry for a stranger`s package', () => {
  const spoken = spokenAs('/home/me/ffhq/', false);
  expect(spoken('watch', 'ffhq-faces-1')).toBe('ffhq watch ffhq-faces-1');
  expect(spoken('worker')).toBe('npm run worker');
});
