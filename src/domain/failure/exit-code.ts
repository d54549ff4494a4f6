/** Exit codes of every verb; documented in the README. */
export const exitCodes = {
  complete: 0,
  internalError: 1,
  /** Of `search` alone, as grep has it; an internal error says so on standard error. */
  nothingFound: 1,
  refusedInput: 2,
  completeWithFailures: 3,
  cancelled: 4,
  paused: 5,
  serverUnreachable: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
