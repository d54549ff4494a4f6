import { Command } from 'commander';
import { expect, test } from 'vitest';
import { zipFlagsOf } from '../../../../src/commands/flags/archives/zip-flags.ts';
import {
  addDataFlags,
  addTaskFlags,
  makeRunRequest,
  readRunOptions,
} from '../../../../src/commands/flags/run-flags.ts';
import { askedFiles } from '../../../../src/domain/dataset/asked-files.ts';
import { checkInput } from '../../../../src/domain/signing/check-input.ts';

const folders = { given: '/data', project: '/project' };
const ID = '1OwnOwnOwnOwnOwnOwnOwnOwnOwnOwnOw';

function requestOf(...argv: string[]) {
  const command = addDataFlags(addTaskFlags(new Command())).exitOverride();
  return makeRunRequest(readRunOptions(command.parse(argv, { from: 'user' }).opts(), folders));
}

const asked = (...argv: string[]) => askedFiles('zips', requestOf(...argv)).map(({ key }) => key);

test('--zips asks for all four archives, by the ids that are known', () => {
  const request = requestOf('--zips');
  expect(request.kinds).toEqual(['zips']);
  expect(request.zips).toBeUndefined();
  const files = askedFiles('zips', request);
  expect(files.reduce((sum, { size }) => sum + size, 0)).toBe(1_416_996_718_237);
  expect(files.map(({ path, url }) => [path, url.startsWith('https://drive.google.com/uc?id=')])).toEqual([
    ['zips/images1024x1024.zip', true],
    ['zips/thumbnails128x128.zip', true],
    ['zips/in-the-wild-images.zip', false],
    ['zips/tfrecords.zip', false],
  ]);
});

test('some of them may be named, with the ids of copies, and the flags for the same can be told', () => {
  expect(asked('--zips', 'tfrecords,images1024x1024.zip')).toEqual(['images1024x1024.zip', 'tfrecords.zip']);
  for (const own of [ID, `https://drive.google.com/file/d/${ID}/view`]) {
    const argv = ['--zips=tfrecords,thumbnails128x128', '--zip-id', `tfrecords=${own}`];
    const request = requestOf(...argv);
    const [, tfrecords] = askedFiles('zips', request);
    expect(tfrecords).toMatchObject({ url: `https://drive.google.com/uc?id=${ID}`, size: 293_636_774_096 });
    expect(requestOf(...zipFlagsOf(request.zips))).toEqual(request);
  }
  expect(requestOf(...zipFlagsOf(undefined))).toEqual(requestOf('--zips'));
  expect(Object.keys(requestOf('--zips', '--zip-id', `tfrecords=${ID}`).zips ?? {}).length).toBe(4);
});

test.each<[string[], string]>([
  [['--zips', '/data'], 'flag [--zips]: expected some of images1024x1024,'],
  [['--zips='], 'flag [--zips]: expected some of'],
  [['--zip-id', `tfrecords=${ID}`], 'flag [--zip-id]: expected with --zips, got it without'],
  [['--zips', '--zip-id', 'tfrecords'], 'flag [--zip-id]: expected NAME=ID'],
  [['--zips', '--zip-id', `ffhq=${ID}`], 'flag [--zip-id]: expected NAME=ID'],
  [['--zips', '--zip-id', 'tfrecords=https://evil.example/x'], 'flag [--zip-id]: expected NAME=ID'],
  [
    ['--zips=tfrecords', '--zip-id', `images1024x1024=${ID}`],
    'flag [--zip-id]: expected an archive that --zips names, got images1024x1024.zip',
  ],
])('%j is refused', (argv, words) => {
  expect(() => requestOf(...argv)).toThrow(words);
});

test('an Activity takes the archives of the table alone, and ids and digests that are some', () => {
  const input = (zips: unknown) => ({
    store: { path: '/data', id: 'x' },
    owner: { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' },
    run: 'r',
    request: { ...requestOf('--zips'), zips },
  });
  expect(() =>
    checkInput(input({ 'tfrecords.zip': { id: ID, size: 9, md5: 'a'.repeat(32) } })),
  ).not.toThrow();
  for (const zips of [
    { '../../x.zip': {} },
    { 'tfrecords.zip': { id: '../x' } },
    { 'tfrecords.zip': { size: -1 } },
    { 'tfrecords.zip': { md5: 'z' } },
    { 'tfrecords.zip': 7 },
  ])
    expect(() => checkInput(input(zips))).toThrow('input [request.zips');
});

test('of a link that is none of Drive, what may be a secret is not repeated', () => {
  const link = 'tfrecords=https://me:hunter2@example.org/x?token=hunter2';
  const ask = () => requestOf('--zips', '--zip-id', link);
  expect(ask).toThrow('flag [--zip-id]: expected NAME=ID, ');
  expect(ask).not.toThrow('hunter2');
});
