import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Seal } from '../../src/activities/records/seal.ts';
import { VerifiedLog } from '../../src/activities/records/verified-records.ts';
import { onDisk } from '../../src/activities/store/file-info.ts';
import type { FileKind } from '../../src/domain/kinds.ts';
import { knownOf, type VerificationRecord } from '../../src/domain/verify/verification-record.ts';
import { readSigningKey } from '../../src/signing/signing-key.ts';
import { byteRequests, expectAllArrived, expectGoneOn, lookAtDisk } from '../support/arrived-files.ts';
import { User } from '../support/processes.ts';
import { atItsPlace, commandFor, restore, STATE } from './recording.ts';

const versions = readdirSync(import.meta.dirname)
  .filter((name) => name.startsWith('from-'))
  .map((name) => name.slice('from-'.length));

test.each(versions)(
  'a folder and an open run of version %s go on, and nothing verified is fetched again',
  async (name) => {
    await atItsPlace(name, async (root) => {
      const user = await User.make();
      const { recording, dataset } = await restore(name, root, user.folder);
      expect(recording.root).toBe(root);
      const before = lookAtDisk(dataset);
      const pictures = [...before.whole].map(
        (path) => [path, statSync(join(dataset.out, path)).mtimeMs] as const,
      );
      expect(before.whole.size).toBeGreaterThanOrEqual(11);
      const begun = [...before.partial].filter(([path, bytes]) => bytes > 0 && !before.whole.has(path));
      expect(begun.length).toBeGreaterThanOrEqual(2);

      const { code, output } = await user.run([...commandFor(dataset), '--output', 'json'], {
        FFHQ_GOOGLE_ORIGIN: dataset.drive.origin,
      });
      expect(code, output).toBe(0);
      expect(output).toMatch(/"event":"run","how":"(attached|renewed)"/);
      console.log(`the open run of ${name}: ${/"how":"(\w+)"/.exec(output)?.[1]}`);
      expectAllArrived(dataset);
      expect(expectGoneOn(dataset, { ...before, whole: new Set(fetchedOf(before.whole)) }, 0)).toBe(
        begun.length,
      );
      // No byte of a whole file, and of a begun one none that was there.
      const missing = begun.map(([path, bytes]) => {
        const size = statSync(join(dataset.out, path)).size - bytes;
        return [path, size, byteRequests(dataset, path).reduce((sum, { bytesSent }) => sum + bytesSent, 0)];
      });
      expect(missing.filter(([, wanted, sent]) => wanted !== sent)).toEqual([]);
      // What was in place was not written again either, aligned images among it.
      expect(pictures.filter(([path, at]) => statSync(join(dataset.out, path)).mtimeMs !== at)).toEqual([]);
      const aligned = Object.keys(recording.aligned).map((path) => [path, md5(join(dataset.out, path))]);
      expect(Object.fromEntries(aligned)).toEqual(recording.aligned);
      expect(user.processes()).toEqual([]);
      // That version signed nothing. What it had was read once: from now on a record of this user's key speaks for it.
      expect(
        await unknownTo(user, dataset.out, [...before.whole, ...Object.keys(recording.aligned)]),
      ).toEqual([]);
    });
  },
  300_000,
);

/** Of these pictures the ones that the user's next run would have to read. */
async function unknownTo(user: User, out: string, paths: readonly string[]): Promise<string[]> {
  const key = await readSigningKey({ path: join(user.folder, STATE, 'input-key'), isGiven: false });
  const log = new VerifiedLog('a-reader', new Seal(key));
  const known = new Map<string, readonly VerificationRecord[]>();
  const verified = join(out, '.ffhq/verified');
  for (const kind of readdirSync(verified))
    for (const group of readdirSync(join(verified, kind)))
      for (const [path, records] of await log.read(out, kind as FileKind, group)) known.set(path, records);
  return paths.filter((path) => {
    const record = knownOf(known.get(path), onDisk(lstatSync(join(out, path), { bigint: true })));
    return record === undefined || record.how === 'damaged';
  });
}

/** Aligned images come from no origin. */
function fetchedOf(paths: Iterable<string>): string[] {
  return [...paths].filter((path) => !path.startsWith('realign'));
}

function md5(path: string): string {
  return createHash('md5').update(readFileSync(path)).digest('hex');
}
