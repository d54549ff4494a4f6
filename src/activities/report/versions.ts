import { readFileSync } from 'node:fs';

/** Of this program, as package.json has it. */
export const { version: programVersion } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** What writes a report, for whoever looks at it years later. */
export function versionsNow(): Readonly<Record<string, string>> {
  return { ffhq: programVersion, 'Node.js': process.versions.node, zlib: process.versions.zlib };
}
