import { printable } from '../domain/failure/printable.ts';

/** Characters of what a system, a program or a server said. */
const MOST_SAID = 300;

/** An error in one printable line. */
export function said(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error), MOST_SAID);
}

/** Why the system refused, by its code where it gave one. */
export function refusalOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : said(error);
}
