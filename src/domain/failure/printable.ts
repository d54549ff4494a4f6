import { quotedLine } from '../quoting/quoted.ts';

/** What strangers wrote, as part of a message: one printable line of at most `most` characters. */
export function printable(text: string, most: number): string {
  return quotedLine(text, most);
}
