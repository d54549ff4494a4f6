import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Md5 } from '../../src/domain/dataset/ids.ts';
import { driveUrl, type LargeFileSpec } from '../../src/domain/dataset/reference-files.ts';
import { kinds } from '../../src/domain/kinds.ts';
import { API_HOST } from '../../src/stand-in/api-host.ts';
import { environmentOf } from '../contestant.ts';
import { FILE_ID, MIRROR_PATH } from './serve.ts';

/** One file to be fetched into an empty folder, and fetched on there by the same command after a kill. */
export interface Task {
  readonly origin: string;
  readonly size: number;
  readonly md5: string;
  /** Of nobody else. */
  readonly folder: string;
  /** A manifest, which our command wants to know as well. */
  readonly manifest: { readonly path: string; readonly md5: string };
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where the file is in the end. */
  readonly file: string;
  /** What it prints does not show the file's MD5, although it has compared it. */
  readonly isSilent?: boolean;
}

const API_KEY = 'bench-large-file-key';
const program = fileURLToPath(new URL('ffhq.mjs', import.meta.url));

function ours({ origin, size, md5, folder, manifest }: Task): Command {
  const out = join(folder, 'out');
  const path = `${kinds.tfrecords.folder}/ffhq-r02.tfrecords`;
  const url = driveUrl(FILE_ID);
  const spec: LargeFileSpec = { kind: 'tfrecords', key: 'ffhq-r02', url, path, size, md5: md5 as Md5 };
  const data = ['--manifest', manifest.path, '--manifest-md5', manifest.md5, '--license-url', 'none'];
  return {
    program: process.execPath,
    args: [program, 'run', '--tfrecords', '--out', out, ...data, '--output', 'json'],
    env: {
      ...environmentOf(join(folder, 'state')),
      FFHQ_BENCH_FILE: JSON.stringify(spec),
      FFHQ_GOOGLE_ORIGIN: origin,
      FFHQ_GOOGLE_API_KEY: API_KEY,
    },
    file: join(out, path),
    isSilent: true,
  };
}

/** From the API, as ours. Whoever has no control file of what is there begins anew. */
function aria2({ origin, folder }: Task, ...more: readonly string[]): Command {
  const options = ['--no-conf', '--quiet', '-x', '16', '-s', '16', '--file-allocation=falloc', ...more];
  const place = ['--allow-overwrite=true', '--dir', folder, '--out', 'file'];
  const headers = [`--header=Host: ${API_HOST}`, `--header=x-goog-api-key: ${API_KEY}`];
  const url = `${origin}/drive/v3/files/${FILE_ID}?alt=media`;
  return withMd5sum(join(folder, 'file'), ['aria2c', ...options, ...place, ...headers, url]);
}

/** From the mirror: it asks for the size first, and its own way to Drive has a fixed address. */
function rclone({ origin, folder }: Task): Command {
  const file = join(folder, 'file');
  const how = [
    '--config',
    join(folder, 'none'),
    '--multi-thread-streams',
    '16',
    '--multi-thread-cutoff',
    '1M',
  ];
  // What a kill leaves has the right size already.
  const always = '--ignore-times';
  const from = ['--http-url', origin, `:http:${MIRROR_PATH}`];
  return withMd5sum(file, ['rclone', 'copyto', ...how, always, ...from, file]);
}

function withMd5sum(file: string, words: readonly string[]): Command {
  const script = 'file="$1"; shift; "$@" && md5sum "$file"';
  return { program: 'sh', args: ['-c', script, 'sh', file, ...words], file };
}

export const contestants = {
  ours,
  aria2: (task: Task) => aria2(task),
  // Its own default is 60 s: a kill before that takes all that came.
  'aria2-saving': (task: Task) => aria2(task, '--auto-save-interval=1'),
  rclone,
} as const satisfies Readonly<Record<string, (task: Task) => Command>>;

export type ContestantName = keyof typeof contestants;
