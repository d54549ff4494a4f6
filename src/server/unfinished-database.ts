import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Before a server is started with its database. The server makes all tables in the first moments of the first start, and
 * never looks again whether they are there: what a kill leaves of it then serves no server, and was never asked for a run.
 * Such a one makes room for the next; answers where it lies then.
 */
export function prepareDatabase(database: string): string | undefined {
  const aside = isUnfinished(database) ? setAside(database) : undefined;
  if (existsSync(database)) return undefined;
  rmSync(noteOf(database), { force: true });
  writeFileSync(beginningOf(database), '', { mode: 0o600, flush: true });
  return aside;
}

/** Before one that was made elsewhere takes its place. */
export function forgetBeginning(database: string): void {
  rmSync(beginningOf(database), { force: true });
}

/** Whatever may be in it is kept: answers where. */
export function setAside(database: string): string {
  const suffix = `.aside-${Date.now()}`;
  for (const file of ['-wal', '-shm', ''].map((part) => `${database}${part}`))
    if (existsSync(file)) renameSync(file, `${file}${suffix}`);
  return `${database}${suffix}`;
}

/** Begun, and no server of it has answered since. One that is older than its beginning was put back by somebody. */
function isUnfinished(database: string): boolean {
  const begun = statSync(beginningOf(database), { throwIfNoEntry: false });
  const there = statSync(database, { throwIfNoEntry: false });
  if (begun === undefined || there === undefined || existsSync(noteOf(database))) return false;
  return there.mtimeMs >= begun.mtimeMs;
}

function beginningOf(database: string): string {
  return `${database}.begun`;
}

/** What says which server the database is of: its cluster id. */
export function noteOf(database: string): string {
  return `${database}.cluster-id`;
}
