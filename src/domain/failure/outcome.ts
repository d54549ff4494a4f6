interface Outcome {
  /** What became of the file, in a few words. */
  readonly meaning: string;
  /** What a person can do, where the reason has no advice of its own. */
  readonly advice: string;
}

/** What a file that is not in the dataset is, as the report says it. */
export const outcomes = {
  missing: {
    meaning: 'the source does not have it, or (when only looking) the disk does not',
    advice: 'the source no longer has it: give another source (--source), then start the run again',
  },
  refused: {
    meaning: 'it may not be fetched or kept',
    advice: 'look at the reason: this file is not fetched from this source as it is',
  },
  corrupt: {
    meaning: 'its bytes are not what the manifest says',
    advice: 'start the run again, or give another source: what came is not what the manifest promises',
  },
  different: {
    meaning: 'aligned, but not to the published pixels',
    advice:
      'the picture is stored, but is not the published one: check the original, and report it if that is right',
  },
  unavailable: {
    meaning: 'no attempt brought it',
    advice: 'start the run again later: exactly the unfinished files are tried again',
  },
} as const satisfies Record<string, Outcome>;

export type FailedOutcome = keyof typeof outcomes;
