import { expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';

test('a key file that means another one in each folder is refused by name', () => {
  expect(() => readConfig({ FFHQ_KEY_FILE: 'keys/lab' })).toThrow(
    'environment [FFHQ_KEY_FILE]: expected an absolute path, got keys/lab',
  );
  expect(readConfig({ FFHQ_KEY_FILE: '/keys/lab' }).keyFile).toEqual({ path: '/keys/lab', isGiven: true });
});
