/** FFHQ's originals. */
const ORIGINALS = 70_000;
const MEAN_BYTES = 14.6e6;

/** A picture, in seconds of the processor. */
export interface Timed {
  readonly width: number;
  readonly height: number;
  /** Of the original's file. */
  readonly bytes: number;
  readonly padded: boolean;
  readonly ours: number;
  readonly theirs: number;
}

/** Prints a table by size, and what all originals of FFHQ would take at these pictures' speed. */
export function tellSizes(timed: readonly Timed[]): void {
  console.log('\n| original | MB | reference | ours | |\n|---|---:|---:|---:|---:|');
  for (const one of timed.toSorted((a, b) => a.bytes - b.bytes)) {
    const { width, height, bytes, padded, ours, theirs } = one;
    const name = `${width}x${height}${padded ? ', padded' : ''}`;
    const seconds = `${theirs.toFixed(2)} | ${ours.toFixed(3)} | ${(theirs / ours).toFixed(1)}x`;
    console.log(`| ${name} | ${(bytes / 1e6).toFixed(1)} | ${seconds} |`);
  }
  for (const [name, some] of [
    ['all', timed],
    ['unpadded', timed.filter(({ padded }) => !padded)],
  ] as const) {
    if (some.length < 2) continue;
    const theirs = coreHours(some, (one) => one.theirs);
    const ours = coreHours(some, (one) => one.ours);
    console.log(
      `${name}: core-hours for ${ORIGINALS} originals of ${MEAN_BYTES / 1e6} MB: ` +
        `reference ${theirs.toFixed(1)}, ours ${ours.toFixed(1)}, ${(theirs / ours).toFixed(1)}x`,
    );
  }
}

/** By a straight line through the pictures, at the mean of FFHQ's files: what is the same for all, and so much a byte. */
function coreHours(timed: readonly Timed[], secondsOf: (one: Timed) => number): number {
  const mean = (of: (one: Timed) => number) => timed.reduce((sum, one) => sum + of(one), 0) / timed.length;
  const [bytes, seconds] = [mean((one) => one.bytes), mean(secondsOf)];
  const covariance = mean((one) => (one.bytes - bytes) * (secondsOf(one) - seconds));
  const variance = mean((one) => (one.bytes - bytes) ** 2);
  const slope = variance === 0 ? 0 : covariance / variance;
  return ((seconds + slope * (MEAN_BYTES - bytes)) * ORIGINALS) / 3600;
}
