import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addSourceFlags, readSource, readSourceOfSample } from '../../../src/commands/flags/source-flags.ts';
import { MINUTE } from '../../../src/domain/run/time-units.ts';

const folders = { given: '/given', project: '/project' };
const values = (...argv: readonly string[]) =>
  addSourceFlags(new Command()).parse(argv, { from: 'user' }).opts();
const read = (...argv: readonly string[]) => readSource(values(...argv), folders);

test('several sources are named with commas, each with its own flags', () => {
  expect(read('--source', 'zip,google-drive', '--zip', 'a.zip', '--patience', '2m')).toEqual({
    name: 'chain',
    patience: String(2 * MINUTE),
    source1: 'zip',
    'source1.archive1': '/given/a.zip',
    source2: 'google-drive',
  });
});

test('the sample takes several, too', () => {
  expect(readSourceOfSample(values('--source', 'google-drive,http-mirror', '--patience', '1m'))).toEqual({
    name: 'chain',
    patience: String(MINUTE),
    source1: 'google-drive',
    source2: 'http-mirror',
  });
});

test('of a hub the sample chooses the layout, and nothing that it brings itself', () => {
  expect(readSourceOfSample(values('--source', 'huggingface', '--hf-layout', 'tars'))).toEqual({
    name: 'huggingface',
    layout: 'tars',
  });
  expect(() => readSourceOfSample(values('--source', 'huggingface', '--hf-layout', '{id}.png'))).toThrow(
    'flag [--hf-layout with --sample]: expected one of tree, tars',
  );
  expect(() => readSourceOfSample(values('--source', 'http-mirror', '--hf-layout', 'tree'))).toThrow(
    'flag [--hf-layout]: expected with --source huggingface, got --source http-mirror',
  );
});

test.each([
  [['--source', 'google-drive,ftp'], 'flag [--source]: expected one of google-drive, '],
  [['--source', 'google-drive,chain'], 'flag [--source]: expected one of google-drive, '],
  [
    ['--source', 'google-drive,google-drive'],
    'flag [--source]: expected each source once, got google-drive twice',
  ],
  [
    ['--source', 'google-drive,zip', '--zip', 'a', '--tar', 'b'],
    'flag [--tar]: expected with --source tar, got --source google-drive,zip',
  ],
  [
    ['--source', 'zip', '--zip', 'a', '--patience', '1m'],
    'flag [--patience]: expected with several sources, got --source zip',
  ],
  [
    ['--source', 'google-drive,zip', '--zip', 'a', '--patience', 'long'],
    'flag [--patience]: expected a time from 1s to 7d, ',
  ],
])('refused: %j', (argv, message) => {
  expect(() => read(...argv)).toThrow(message);
});

test('a space beside a comma makes no path of a URL', () => {
  expect(read('--source', 'zip', '--zip', ' a.zip , https://m.example/b.zip ')).toMatchObject({
    archive1: '/given/a.zip',
    archive2: 'https://m.example/b.zip',
  });
});

test.each([
  ['--zip', 'zip', '/tmp/a.zip, https://me:hunter2@h.example/x.zip?token=hunter2'],
  ['--zip', 'zip', './https://me:hunter2@h.example/x.zip'],
  ['--source-path', 'local-dir', 'https://me:hunter2@h.example/'],
])('what may hold a password is refused, and not repeated: %s of %s', (flag, source, given) => {
  const refusal = (() => {
    try {
      return JSON.stringify(read('--source', source, flag, given));
    } catch (error) {
      return String(error);
    }
  })();
  expect(refusal).toContain(`flag [${flag}]: expected `);
  expect(refusal).not.toContain('hunter2');
});
