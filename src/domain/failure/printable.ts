/** What strangers wrote, as part of a message: one printable line of at most `most` characters. */
export function printable(text: string, most: number): string {
  return text
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, most);
}
