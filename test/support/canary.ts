import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Files of the user's that nothing of ours has any business with, and a look at whether all of them are as they were. */
export interface Canary {
  /** A folder in which datasets may lie; what is not in one of them is the user's. */
  readonly root: string;
  /** What is not as it was, of everything outside of these folders. */
  changes(...own: readonly string[]): string[];
  remove(): void;
}

export function makeCanary(): Canary {
  const root = mkdtempSync(join(tmpdir(), 'ffhq-test-canary-'));
  for (const path of [
    'home/.bashrc',
    'home/.profile',
    'home/.ssh/authorized_keys',
    'precious/a',
    'precious/b/c',
  ]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `the user's own ${path}\n`);
  }
  const before = new Set(lookAt(root, []));
  return {
    root,
    changes: (...own) => {
      const now = lookAt(root, own);
      const kept = new Set(now);
      return [...now.filter((line) => !before.has(line)), ...[...before].filter((line) => !kept.has(line))];
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A line for everything: what it is, when it was changed, what is in it. Folders of their own are left out. */
function lookAt(folder: string, own: readonly string[], prefix = ''): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (own.includes(path)) return [];
      const name = `${prefix}${entry.name}`;
      const { mode, nlink, mtimeMs } = lstatSync(path);
      if (entry.isDirectory()) return [`${name}/ ${mode}`, ...lookAt(path, own, `${name}/`)];
      if (entry.isSymbolicLink()) return [`${name} -> ${readlinkSync(path)}`];
      const digest = createHash('md5').update(readFileSync(path)).digest('hex');
      return [`${name} ${mode} ${nlink} ${mtimeMs} ${digest}`];
    })
    .sort();
}
