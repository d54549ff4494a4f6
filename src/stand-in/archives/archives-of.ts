import type { StandInFile } from '../files.ts';
import { type TarMember, tarOf } from './tar-of.ts';
import { type ZipMember, zipOf } from './zip-of.ts';

/** The same members in each form of archive that can be asked for: `NAME.zip`, `NAME.tar`. */
export function archivesOf(
  members: readonly (ZipMember & TarMember)[],
  name: string,
): readonly StandInFile[] {
  return [zipOf(members, { name: `${name}.zip` }), tarOf(members, { name: `${name}.tar` })];
}
