import { availableParallelism } from 'node:os';
import type { Command, OptionValues } from 'commander';
import type { WorkerOptions } from '../../worker.ts';
import { byteCount, wholeNumber } from './option-values.ts';

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
