import { accessSync, constants } from 'node:fs';
import { readConfig } from '../../config.ts';
import { type Answer, ok, problem } from '../finding.ts';
import { lookAt, mountWords } from '../place.ts';
import { refusalOf } from '../said.ts';

const CHECK = 'cache folder';
const ELSEWHERE = 'name another with XDG_CACHE_HOME, or an executable with TEMPORAL_CLI_PATH';

/** Where the Temporal CLI and the sample are kept. */
export default async function checkCacheFolder(): Promise<Answer> {
  const { cacheDir } = readConfig(process.env);
  try {
    const place = lookAt(cacheDir);
    const { uid, mode } = place.info;
    // The same law as in `server/cli/cache-folder.ts`, which mends a mode of ours and refuses an owner that is another.
    const isForeign = process.geteuid !== undefined && ![process.geteuid(), 0].includes(uid);
    if (place.isThere && isForeign) {
      const found = `${cacheDir}: expected one of this user or root, got one of user ${uid} (mode ${(mode & 0o777).toString(8)})`;
      return { findings: [problem(CHECK, found, ELSEWHERE)] };
    }
    accessSync(place.nearest, constants.W_OK | constants.X_OK);
    const there = `${cacheDir}${place.isThere ? '' : ' (not there yet)'} on ${mountWords(place)}`;
    return { findings: [ok(CHECK, `${there}; can be written to`)] };
  } catch (error) {
    const found = `${cacheDir}: expected one that can be written to, got ${refusalOf(error)}`;
    return { findings: [problem(CHECK, found, ELSEWHERE)] };
  }
}
