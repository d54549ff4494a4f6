import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';

/** What became of an executable since its digest was noted. */
export type Since =
  | { readonly state: 'same' }
  /** There was no note: there is one now. */
  | { readonly state: 'new'; readonly sha256: string }
  | { readonly state: 'changed'; readonly noted: string; readonly got: string };

/**
 * Compares an executable with the note beside it, which `sha256sum --check` reads too. Its 138 MB are read only when the
 * file is not the very one that was noted.
 */
export async function compareWithNote(path: string): Promise<Since> {
  const noted = readNote(path);
  if (noted !== undefined && noted.identity === identityOf(path)) return { state: 'same' };
  const got = await sha256Of(path);
  if (noted !== undefined && noted.sha256 !== got) return { state: 'changed', noted: noted.sha256, got };
  writeNote(path, got);
  return noted === undefined ? { state: 'new', sha256: got } : { state: 'same' };
}

/** Puts an executable that was made to its place, for others to run and for this user alone to change, and notes what it is. */
export async function putExecutable(draft: string, path: string): Promise<void> {
  chmodSync(draft, 0o755);
  // A crash in between leaves one without a note, and never one with another's.
  rmSync(noteOf(path), { force: true });
  renameSync(draft, path);
  writeNote(path, await sha256Of(path));
}

function noteOf(path: string): string {
  return `${path}.sha256`;
}

function readNote(path: string): { readonly identity: string; readonly sha256: string } | undefined {
  try {
    const text = readFileSync(noteOf(path), 'utf8');
    const [, identity, sha256] = /^# (.+)\n([0-9a-f]{64}) {2}/.exec(text) ?? [];
    return identity === undefined || sha256 === undefined ? undefined : { identity, sha256 };
  } catch {
    return undefined;
  }
}

function writeNote(path: string, sha256: string): void {
  const draft = `${noteOf(path)}.${process.pid}`;
  try {
    writeFileSync(draft, `# ${identityOf(path)}\n${sha256}  ${basename(path)}\n`, { mode: 0o600 });
    renameSync(draft, noteOf(path));
  } catch {
    // A cache that only root can write to: it is read each time.
  }
}

/** The kernel gives a file another ctime whenever anything of it changes, and nobody can set it. */
function identityOf(path: string): string {
  const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
  return `size=${size} mtime=${mtimeNs} ctime=${ctimeNs} inode=${ino}`;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece);
  return hash.digest('hex');
}
