import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';

/** Where a law is tried: a folder that cases may fill, and beside it things that no case may touch. */
export interface Ground {
  /** Empty at first, and the cases' own. */
  readonly store: string;
  /** The folder beside it: what leads out of the store may lead here. */
  readonly beside: string;
  /** Throws where anything outside of the store was made, changed or removed. */
  expectUntouched(): void;
}

const PRECIOUS = 'precious';

export async function onGround<Result>(work: (ground: Ground) => Promise<Result>): Promise<Result> {
  const root = await mkdtemp(join(tmpdir(), 'ffhq-fuzz-'));
  const [store, beside] = [join(root, 'store'), join(root, 'beside')];
  for (const folder of [store, beside]) mkdirSync(folder);
  writeFileSync(join(beside, PRECIOUS), PRECIOUS);
  const seen = () =>
    [
      readdirSync(root).join(),
      readdirSync(beside).join(),
      readFileSync(join(beside, PRECIOUS), 'utf8'),
      ...[beside, join(beside, PRECIOUS)].map((path) => {
        const { ino, mode, nlink, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true });
        return [ino, mode, nlink, size, mtimeNs, ctimeNs].join(' ');
      }),
    ].join('\n');
  const before = seen();
  try {
    const result = await work({
      ...{ store, beside },
      expectUntouched: () => {
        const now = seen();
        if (now !== before) throw new Error(`outside of the store: expected\n${before}\ngot\n${now}`);
      },
    });
    await eventually('no file left open', () => openBelow(root).length === 0, 5_000);
    return result;
  } finally {
    await rm(root, { recursive: true });
  }
}

/** What this process has open of a folder. */
function openBelow(root: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.startsWith(root) ? [path] : [];
    } catch {
      return [];
    }
  });
}
