import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { parseSystemCalls, type SystemCall } from './system-calls.ts';

/** What changes files or tells how they lie; what is not here and changes files ends the reading with an error. */
const CALLS = [
  ...['openat', 'open', 'creat', 'close', 'dup', 'dup2', 'dup3'],
  ...[
    'write',
    'pwrite64',
    'writev',
    'pwritev',
    'pwritev2',
    'copy_file_range',
    'sendfile',
    'splice',
    'fallocate',
  ],
  ...['ftruncate', 'truncate', 'fsync', 'fdatasync', 'sync_file_range', 'syncfs', 'sync'],
  ...['rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'link', 'linkat', 'symlink', 'symlinkat'],
  ...['mkdir', 'mkdirat', 'rmdir', 'utimensat', 'utime', 'utimes', 'futimesat', 'ioctl'],
  ...['statx', 'fstat', 'newfstatat', 'stat', 'lstat'],
];

export interface TracedEnd {
  readonly code: number | null;
  readonly output: string;
  readonly calls: readonly SystemCall[];
}

/** Runs a program of Node.js and answers its system calls that concern files, with the bytes that it wrote. */
export async function runTraced(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  traceFile: string,
): Promise<TracedEnd> {
  const flags = ['-f', '-y', '-v', '-x', '-ttt', '-s', '100000000', '--seccomp-bpf', '-o', traceFile];
  const child = spawn(
    'strace',
    [...flags, '-e', `trace=${CALLS.join(',')}`, '-e', 'signal=none', process.execPath, ...words],
    // Writes that go through io_uring are no system calls.
    { env: { ...env, UV_USE_IO_URING: '0' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      output += text;
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error('strace: expected it on this machine (apt-get install strace)', { cause })),
    );
    child.once('close', resolve);
  });
  const calls = parseSystemCalls(readFileSync(traceFile, 'utf8'));
  rmSync(traceFile, { force: true });
  return { code, output, calls };
}
