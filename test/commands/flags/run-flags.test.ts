import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addAlignFlags, addOriginalFlags } from '../../../src/commands/flags/align-flags.ts';
import { addDisplayFlags, readDisplayOptions } from '../../../src/commands/flags/display-flags.ts';
import { declaredSpelling } from '../../../src/commands/flags/flag-spelling.ts';
import type { RunOptions } from '../../../src/commands/flags/run-flags.ts';
import {
  addBundleFlags,
  addDataFlags,
  addOutFlag,
  addTaskFlags,
  makeRunRequest,
  readRunOptions,
  requireTask,
} from '../../../src/commands/flags/run-flags.ts';
import { addSelectionFlags } from '../../../src/commands/flags/selection/selection-flags.ts';
import { addWorkerFlags, readWorkerOptions } from '../../../src/commands/flags/worker-flags.ts';
import { longFlagsOf, makeProgram } from '../../../src/commands/program.ts';
import { CommandFailure } from '../../../src/domain/failure/command-failure.ts';
import { canonicalRequest } from '../../../src/domain/run/request.ts';

const folders = { given: '/data', project: '/project' };
const flags = longFlagsOf(makeProgram(async () => {}, '0'));

function parse(...argv: string[]) {
  const command = new Command();
  const groups = [
    addTaskFlags,
    addAlignFlags,
    addOriginalFlags,
    addSelectionFlags,
    addDataFlags,
    addOutFlag,
    addWorkerFlags,
    addBundleFlags,
    addDisplayFlags,
  ];
  for (const add of groups) add(command);
  return command.exitOverride().parse(declaredSpelling(argv, flags), { from: 'user' }).opts();
}

function options(...argv: string[]): RunOptions {
  return readRunOptions(parse(...argv), folders);
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(CommandFailure);
    expect((error as CommandFailure).exitCode).toBe(2);
    return (error as Error).message;
  }
  throw new Error('expected a refusal, got none');
}

test("the reference's flags have the reference's names and defaults", () => {
  const values = parse('-jsitwra');
  expect(options('-jsitwra')).toMatchObject({
    json: true,
    stats: true,
    kinds: ['images', 'thumbs', 'wilds', 'tfrecords', 'align'],
    numAttempts: 10,
    align: {
      options: { rotateLevel: true, randomShift: 0, retryCrops: false, enablePadding: true },
      folder: 'realign1024x1024',
      fileIdentical: false,
      discardOriginals: false,
    },
    out: '/data',
  });
  expect(readWorkerOptions(values)).toEqual({
    numThreads: 32,
    chunkBytes: 128 * 1024,
    reserveBytes: 1024 ** 3,
    alignThreads: availableParallelism(),
  });
  expect(readDisplayOptions(values)).toEqual({ statusDelayMs: 200, timingWindow: 50 });
});

test('underscores and hyphens are equal in flag names, with the value behind = or a space', () => {
  const spellings = [
    ['--num_threads', '8', '--status_delay=1.5', '--source_dir', 'x'],
    ['--num-threads=8', '--status-delay', '1.5', '--source-dir=x'],
  ];
  for (const spelling of spellings) {
    const values = parse('-a', ...spelling);
    expect(readWorkerOptions(values).numThreads).toBe(8);
    expect(readDisplayOptions(values).statusDelayMs).toBe(1500);
    expect(readRunOptions(values, folders).align?.sourceDir).toBe(join(folders.given, 'x'));
  }
});

test("the flags of the unaligned set are the reference's, in any combination", () => {
  const { align, ids } = options(
    ...'-a --random-shift 0.2 --retry-crops --no-rotation --no-padding --align-dir unaligned'.split(' '),
    '--ids',
    '0-7, 5000',
  );
  expect(align).toEqual({
    options: { rotateLevel: false, randomShift: 0.2, retryCrops: true, enablePadding: false },
    folder: 'unaligned',
    fileIdentical: false,
    discardOriginals: false,
  });
  expect(ids).toBe('0-7,5000');
});

test.each([
  ['-a --random-shift -0.1', '[--random-shift]: expected'],
  ['-a --random-shift nan', '[--random-shift]: expected'],
  ['-a --align-dir ../elsewhere', '[--align-dir]: expected'],
  ['-a --align-dir images1024x1024', '[--align-dir]: expected'],
  ['-a --align-dir .ffhq', '[--align-dir]: expected'],
  ['-a --discard-originals', '[--discard-originals]: expected with --wilds --align'],
  ['-w --discard-originals', '[--discard-originals]: expected with --wilds --align'],
  ['-wa --discard-originals --source-dir x', '[--discard-originals]: expected without --source-dir'],
  ['-wa --discard-originals --no-rotation', '[--discard-originals]: expected without --no-rotation'],
  ['-wa --discard-originals --random-shift 0.1', '[--discard-originals]: expected without --no-rotation'],
  ['-a --ids 7-3', '[--ids]'],
  ['-a --ids 70000000', '[--ids]'],
  ['-a --ids ,', '[--ids]'],
])('what cannot be aligned as asked is refused: %s', (given, said) => {
  expect(refusal(() => options(...given.split(' ')))).toContain(said);
});

test.each([
  ['--align_threads', '-1'],
  ['--num_threads', '0'],
  ['--num_threads', '3.5'],
  ['--num_attempts', '-1'],
  ['--chunk_size', '1e9'],
  ['--timing_window', '1'],
  ['--status_delay', 'soon'],
  ['--bundle-files', ''],
  ['--bundle-bytes', '12 parsecs'],
  ['--reserve', '-5'],
])('a number out of range is refused, naming flag and value: %s %s', (flag, value) => {
  const values = parse('-i', `${flag}=${value}`);
  const message = refusal(() => [
    readRunOptions(values, folders),
    readWorkerOptions(values),
    readDisplayOptions(values),
  ]);
  expect(message).toContain(`[${flag}]`);
  expect(message).toContain('expected');
  expect(message).toContain(value === '' ? 'got nothing' : `got ${value}`);
});

test('bytes may carry a unit', () => {
  expect(options('-i', '--bundle-bytes', '64MiB').bundleBytes).toBe(64 * 1024 ** 2);
  expect(options('-i', '--bundle-bytes', '64mb').bundleBytes).toBe(64_000_000);
});

test('no task at all is refused with the list of tasks', () => {
  const message = refusal(() => requireTask(options()));
  for (const task of ['--json', '--stats', '--images', '--thumbs', '--wilds', '--tfrecords', '--sample']) {
    expect(message).toContain(task);
  }
  requireTask(options('--json'));
  requireTask(options('--sample'));
});

describe('the request', () => {
  test('does not depend on concurrency, display or the order of flags', () => {
    const one = makeRunRequest(options('-t', '-i', '--allow-host', 'b.example', '--allow-host', 'A.example'));
    const other = makeRunRequest(
      options('--allow-host=a.example', '--num_threads=3', '--allow-host=b.example', '--images', '--thumbs'),
    );
    expect(canonicalRequest(other)).toBe(canonicalRequest(one));
    expect(one).toEqual({
      kinds: ['images', 'thumbs'],
      manifest: { name: 'official' },
      license: { name: 'official' },
      source: { name: 'google-drive' },
      allowedHosts: ['a.example', 'b.example'],
      trust: 'records',
      fetch: 'missing',
      numAttempts: 10,
    });
  });

  test('another manifest brings no licence of its own, and its host is allowed by being named', () => {
    const request = makeRunRequest(options('-i', '--manifest', 'http://127.0.0.1:8080/set.json'));
    expect(request.manifest).toEqual({ name: 'other', location: 'http://127.0.0.1:8080/set.json' });
    expect(request.license).toEqual({ name: 'none' });
    expect(request.allowedHosts).toEqual(['127.0.0.1:8080']);
  });

  test("a manifest on Drive does not open Drive's hosts to plain http", () => {
    const drive = 'https://drive.google.com/uc?id=x';
    expect(options('-i', '--manifest', drive, '--license-url', drive).allowedHosts).toEqual([]);
  });

  test('a manifest file becomes an absolute path, seen from where the command was given', () => {
    expect(options('-i', '--manifest', 'set.json').manifest).toEqual({
      name: 'other',
      location: '/data/set.json',
    });
    expect(options('-i', '--manifest', 'file:///x/set.json').manifest).toMatchObject({
      location: '/x/set.json',
    });
  });

  test('mirror and local folder are implied by their flags and allow their own host', () => {
    expect(options('-i', '--mirror-url', 'https://mirror.example/ffhq')).toMatchObject({
      source: { name: 'http-mirror', baseUrl: 'https://mirror.example/ffhq' },
      allowedHosts: ['mirror.example:443'],
    });
    expect(options('-i', '--source-path', 'copy').source).toEqual({ name: 'local-dir', path: '/data/copy' });
  });

  test.each([
    ['--source http-mirror', '[--mirror-url]'],
    ['--source local-dir', '[--source-path]'],
    ['--source google-drive --mirror-url http://m.example/', '[--mirror-url]'],
    ['--source ftp', '[--source]'],
    ['--manifest-md5 00', '[--manifest-md5]'],
    ['--manifest ftp://x.example/y.json', '[--manifest]'],
    ['--allow-host *.example', '[--allow-host]'],
    ['--allow-host http://x.example/', '[--allow-host]'],
    ['--license-url nonsense', '[--license-url]'],
    ['--sample --manifest x.json', '[--manifest]'],
    ['--sample --source http-mirror --mirror-url http://m.example/', '[--mirror-url]'],
    ['--sample --source zip --zip a.zip', '[--zip]'],
    ['--source zip', '[--zip]'],
    ['--zip https://u:p@m.example/a.zip', '[--zip]'],
    ['--zip a.zip,ftp://m.example/b.zip', '[--zip]'],
    ['--source tar --zip a.zip', '[--zip]'],
  ])('is refused when flags do not fit together: %s', (given, named) => {
    expect(refusal(() => options('-i', ...given.split(' ')))).toContain(named);
  });

  test('are read of archives by a flag of their own: paths seen from here, and URLs, whose hosts are allowed by that', () => {
    const { source, allowedHosts } = options('-i', '--zip', 'a.zip,,https://m.example/b.zip');
    expect(source).toEqual({
      name: 'zip',
      archive1: `${folders.given}/a.zip`,
      archive2: 'https://m.example/b.zip',
    });
    expect(allowedHosts).toEqual(['m.example:443']);
    expect(options('--sample', '--source', 'tar').source.name).toBe('tar');
  });

  test.each(['--manifest', '--mirror-url', '--license-url', '--zip', '--tar'])(
    'never holds what may be a secret, nor does the refusal of %s, which says how a token is given',
    (flag) => {
      for (const url of [
        'https://user:hunter2@host.example/x',
        'https://host.example/x?token=hunter2',
        'https://host.example/x?hunter2',
        'https://host.example/x#hunter2',
        'https://drive.google.com/uc?id=1&access_token=hunter2',
      ]) {
        const message = refusal(() => options('-i', flag, url));
        expect(message).toContain(`flag [${flag}]: expected a URL without`);
        expect(message).toContain('FFHQ_TOKENS');
        expect(message).not.toContain('hunter2');
      }
      for (const url of ['https://user:hun/hunter2@[', 'https://[?hunter2', 'https://u:hunter2@h:99999/']) {
        expect(refusal(() => options('-i', flag, url))).not.toContain('hunter2');
      }
    },
  );
});

test('mirrors are given one by one, or with commas between them, and each allows its own host', () => {
  const request = makeRunRequest(
    options(
      '-i',
      '--mirror-url',
      'https://a.example,http://b.example:81/{id5}.png',
      '--mirror-url',
      'https://c.example/x',
    ),
  );
  expect(request.source).toEqual({
    name: 'http-mirror',
    baseUrl: 'https://a.example/',
    baseUrl2: 'http://b.example:81/{id5}.png',
    baseUrl3: 'https://c.example/x',
  });
  expect(request.allowedHosts).toEqual(['a.example:443', 'b.example:81', 'c.example:443']);
  expect(() =>
    options('-i', '--mirror-url', 'https://a.example/', '--mirror-url', 'https://u:hunter2@b.example/'),
  ).toThrow(/^flag \[--mirror-url\]: expected a URL without (?!.*hunter2)/);
});

test('the sample takes the name of a source alone, and its quota is that of the first', () => {
  expect(options('--sample', '--source', 'huggingface').source).toEqual({ name: 'huggingface' });
  expect(() => options('--sample', '--source', 'nowhere')).toThrow('flag [--source]: expected one of');
  expect(() => options('--sample', '--hf-repo', 'a/b')).toThrow(
    'flag [--hf-repo]: expected without --sample',
  );
  expect(() => options('--sample', '--quota', '--source', 'http-mirror')).toThrow(
    'flag [--quota]: expected with --source google-drive, got --source http-mirror',
  );
});
