import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** `path`: found anywhere in the file's path, or at its end if it ends with `$`. */
export interface DiskFault {
  readonly call: 'open' | 'read' | 'write' | 'sync' | 'rename';
  readonly path: string;
  /** `kill`: the process that calls is killed. */
  readonly says: keyof typeof constants.errno | 'kill';
}

/** Faults are injected by a small library, which takes a C compiler and Linux. */
export function hasCompiler(): boolean {
  return process.platform === 'linux' && spawnSync('gcc', ['--version']).status === 0;
}

/** Environment of a process, and of all that it starts, whose disk fails so. */
export function faultyDisk(...faults: readonly DiskFault[]): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'ffhq-faulty-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const library = join(folder, 'faulty-disk.so');
  const source = fileURLToPath(new URL('./faulty-disk.c', import.meta.url));
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
  const rules = faults.map(({ call, says, path }) => {
    return `${call}:${says === 'kill' ? 0 : constants.errno[says]}:${path}`;
  });
  return { LD_PRELOAD: library, FFHQ_TEST_FAULTS: rules.join(';') };
}
