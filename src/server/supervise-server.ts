import { statSync, truncateSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { saidLines } from '../domain/failure/said-lines.ts';
import { readState, type ServerFiles, serverFate } from './server-state.ts';

export interface SuperviseOptions {
  readonly files: ServerFiles;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
  /** Starts the server again at its ports, unless another command already did. */
  readonly restart: () => Promise<void>;
}

const LOOK_MS = 500;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** A server that ran so long before it died is started again without waiting. */
const HEALTHY_MS = 60_000;
const LOG_BYTES = 20 * 1024 * 1024;

/**
 * Looks after the embedded server until the signal: by its process, since another command may have started it. Starting again
 * waits longer each time that it dies at once.
 */
export async function superviseServer(options: SuperviseOptions): Promise<void> {
  const { files, onLine, signal, restart } = options;
  let wait = 0;
  let aliveSince = performance.now();
  while (!signal.aborted) {
    await pause(LOOK_MS, signal);
    if (signal.aborted) return;
    boundLog(files.log);
    const state = readState(files);
    if (state && (await serverFate(files, state)) !== 'gone') continue;
    if (performance.now() - aliveSince > HEALTHY_MS) wait = 0;
    const inSeconds = wait === 0 ? 'now' : `in ${wait / 1000} s`;
    onLine(`the embedded server is gone: starting it again ${inSeconds}; its log is ${files.log}.1 then`);
    await pause(wait, signal);
    if (signal.aborted) return;
    try {
      await restart();
      onLine('the embedded server runs again');
    } catch (error) {
      for (const line of saidLines(error)) onLine(line);
    }
    aliveSince = performance.now();
    wait = Math.min(Math.max(FIRST_WAIT_MS, 2 * wait), LONGEST_WAIT_MS);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** A server that runs for weeks in trouble must not fill the disk with its warnings. */
function boundLog(path: string): void {
  try {
    if (statSync(path).size > LOG_BYTES) truncateSync(path);
  } catch {
    // Not there yet.
  }
}
