/** An error whose message has lines of its own. */
export interface SaysLines {
  readonly lines: readonly string[];
}

/** What an error says, line by line: a line break in any other message is not ours, and part of its one line. */
export function saidLines(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)];
  const { lines } = error as Partial<SaysLines>;
  return lines ?? [error.message];
}
