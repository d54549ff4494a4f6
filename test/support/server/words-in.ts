/** Every text in it, also in payloads of a history. */
export function wordsIn(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value === null || typeof value !== 'object') return String(value);
  return Object.values(value).map(wordsIn).join('\n');
}
