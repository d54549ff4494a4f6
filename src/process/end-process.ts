import { spawn } from 'node:child_process';

/** How long the end of this process may take by itself. */
const END_MS = 3_000;

/** Reads until this process is gone; kills it if that takes too long. */
const watcher =
  "setTimeout(() => { process.kill(Number(process.argv[1]), 'SIGKILL'); process.exit(); }, Number(process.argv[2]));" +
  "process.stdin.on('end', () => process.exit()).resume();";

/**
 * Ends this process, also where a disk does not answer (a hung NFS mount): a thread that waits for it keeps even
 * `process.exit` from coming to its end, so a process beside this one sees to that.
 */
export function endProcess(code: number): never {
  const beside = spawn(process.execPath, ['-e', watcher, String(process.pid), String(END_MS)], {
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without one it ends when the disk answers.
  beside.on('error', () => {});
  process.exit(code);
}
