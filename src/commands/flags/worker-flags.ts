import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { refused } from '../../domain/failure/command-failure.ts';
import {
  changed,
  LEAST_REQUESTS,
  type LimitChanges,
  MOST_FILES,
  MOST_REQUESTS,
  noLimits,
  type RunLimits,
} from '../../domain/limits/limits.ts';
import { parseBandwidth } from '../../domain/limits/rate.ts';
import type { WorkerOptions } from '../../worker.ts';
import { byteCount, decimalNumber, shown, wholeNumber } from './values/option-values.ts';
import type { Folders } from './values/out-folder.ts';

/** What the command line says of a worker. */
export type WorkerFlags = Pick<WorkerOptions, 'numThreads' | 'alignThreads' | 'chunkBytes' | 'reserveBytes'>;

/** How much one worker process does at once. */
export function addWorkerFlags(command: Command): Command {
  return command
    .option('--num_threads <n>', 'files in flight per worker process', '32')
    .option('--chunk_size <kb>', 'size of each download chunk, in KB', '128')
    .option('--reserve <bytes>', 'free space to leave on the disk', '1GiB')
    .option(
      '--align_threads <n>',
      'aligning threads per worker process; 0 = this host only downloads (default: one per processor)',
    );
}

/** Of a worker that serves more than its own user. */
export function addRootFlag(command: Command): Command {
  const collect = (root: string, roots: readonly string[]) => [...roots, root];
  return command.option(
    '--root <dir>',
    'enter only dataset folders below this one; may be given again (default: any)',
    collect,
    [],
  );
}

/** The folders that `--root` names. */
export function readRoots({ root }: OptionValues, { given }: Folders): readonly string[] {
  return ((root ?? []) as readonly string[]).map((dir) => {
    if (dir === '') throw refused('flag [--root]: expected a folder, got nothing');
    const path = resolve(given, dir);
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw refused(`flag [--root]: expected a folder, got ${path}, which is none`);
    return path;
  });
}

export function readWorkerOptions(values: OptionValues): WorkerFlags {
  return {
    numThreads: wholeNumber('--num_threads', 1, 1024)(String(values.num_threads)),
    chunkBytes: wholeNumber('--chunk_size', 1, 65_536)(String(values.chunk_size)) * 1024,
    reserveBytes: byteCount('--reserve', 0, 1024 ** 5)(String(values.reserve)),
    alignThreads:
      typeof values.align_threads === 'string'
        ? wholeNumber('--align_threads', 0, 1024)(values.align_threads)
        : availableParallelism(),
  };
}

/** What a run may fetch, over all its workers. */
export function addLimitFlags(command: Command): Command {
  return command
    .option('--bwlimit <rate>', 'bytes a second of the run: 20M, off, or "08:00,5M 23:00,off"')
    .option('--tpslimit <n>', 'requests a second of the run, or off');
}

/** Of one run; the flag of this name of `run` and `worker` is the worker's. */
export function addFilesFlag(command: Command): Command {
  return command.option('--num_threads <n>', 'files of this run in flight per worker, or off');
}

/** @param zone by which a timetable is read: that of whoever writes it */
export function readLimits(values: OptionValues, zone = zoneOfHere()): RunLimits {
  const { bandwidth, requests } = readLimitChanges({ ...values, num_threads: undefined }, zone);
  return changed(noLimits, {
    ...(bandwidth === undefined ? {} : { bandwidth }),
    ...(requests === undefined ? {} : { requests }),
  });
}

export function readLimitChanges(values: OptionValues, zone = zoneOfHere()): LimitChanges {
  const { bwlimit, tpslimit, num_threads } = values;
  return {
    ...(typeof bwlimit === 'string' ? { bandwidth: readBandwidth(bwlimit, zone) } : {}),
    ...(typeof tpslimit === 'string'
      ? { requests: orOff(tpslimit, decimalNumber('--tpslimit', LEAST_REQUESTS, MOST_REQUESTS)) }
      : {}),
    ...(typeof num_threads === 'string'
      ? { files: orOff(num_threads, wholeNumber('--num_threads', 1, MOST_FILES)) }
      : {}),
  };
}

function readBandwidth(text: string, zone: string) {
  const read = parseBandwidth(text, zone);
  if ('problem' in read) throw refused(`flag [--bwlimit]: ${read.problem}, got ${shown(text)}`);
  return read;
}

function orOff(text: string, read: (text: string) => number): number | 'off' {
  return /^off$/i.test(text) ? 'off' : read(text);
}

function zoneOfHere(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
