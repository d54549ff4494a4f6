/** An error whose message has lines of its own. */
export interface SaysLines {
  readonly lines: readonly string[];
}

function saysLines(error: Error): error is Error & SaysLines {
  return (
    'lines' in error && Array.isArray(error.lines) && error.lines.every((line) => typeof line === 'string')
  );
}

/** What an error says, line by line: a line break in any other message is not ours, and part of its one line. */
export function saidLines(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)];
  return saysLines(error) ? error.lines : [error.message];
}
