import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A file system in user space takes a kernel that has them, and rights that not everybody has. */
export function mayHang(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'ffhq-may-hang-'));
  try {
    const release = mount(folder);
    release?.();
    return release !== undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** From now on nobody who asks for anything in this folder gets an answer, until the test is over. */
export function hangDisk(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const release = mount(folder);
  if (release === undefined) throw new Error(`expected a file system that hangs at ${folder}, got none`);
  onTestFinished(release);
}

/** Whose other end is this process, which reads no question. */
function mount(folder: string): (() => void) | undefined {
  let fd: number;
  try {
    fd = openSync('/dev/fuse', 'r+');
  } catch {
    return undefined;
  }
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
  const { status } = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'ffhq-hung', folder], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
  });
  const release = () => {
    // Whoever waits for an answer gets an error now.
    closeSync(fd);
    spawnSync('umount', ['-l', folder]);
  };
  if (status === 0) return release;
  closeSync(fd);
  return undefined;
}
