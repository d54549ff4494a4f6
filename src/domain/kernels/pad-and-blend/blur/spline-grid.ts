/** Steps of the grid in a standard deviation of the blur, at least. */
const STEPS_A_SIGMA = 2;
/** Pixels that are worked on together: steps are a multiple of them. */
const GROUP = 4;
/** With less a grid takes longer than the filter at every place. */
const SHORTEST_STEP = 8;
/** Beyond it the splines' weights leave 16 bits. */
const LONGEST_STEP = 20;
/** Nodes that a place lies within reach of: the one before it, another before that, and two after. */
const NEAR = [-1, 0, 1, 2] as const;

/**
 * A blur by way of a grid: cubic B-splines about nodes `step` places apart weigh the samples, `weights` go from node to
 * node, and the same splines give each place its share of the four nodes about it.
 */
export interface SplineGrid {
  /** A multiple of four. */
  readonly step: number;
  /** Of the node itself, and of those at distance 1 to `reach`. */
  readonly weights: Float64Array;
  readonly reach: number;
  /** For each place between two nodes, the splines of the four about it as whole numbers. */
  readonly splines: readonly Int16Array[];
  /** The same as shares, whose sum is nearly 1. */
  readonly shares: readonly Float32Array[];
  /** Most that a place's weights, all together, differ from those of the blur. */
  readonly apart: number;
}

/** `blur`: weights of a Gaussian's centre and of the pairs about it. Undefined: it is too narrow for a grid. */
export function splineGrid(sigma: number, blur: Float64Array): SplineGrid | undefined {
  const step = Math.min(LONGEST_STEP, GROUP * Math.floor(sigma / STEPS_A_SIGMA / GROUP));
  if (step < SHORTEST_STEP) return undefined;
  const phases = Array.from({ length: step }, (_, phase) => phase);
  const splines = phases.map((phase) => Int16Array.from(NEAR, (node) => spline(phase - node * step, step)));
  const shares = splines.map((some) => Float32Array.from(some, (share) => share / (6 * step ** 3)));
  const weights = nodeWeights(sigma, step, Math.ceil((blur.length - 1) / step));
  const known = { step, weights, reach: weights.length - 1, splines, shares };
  return { ...known, apart: differenceOf(known, blur) };
}

/** A cubic B-spline at a distance from its node, times 6 `step`^3: a whole number. */
function spline(distance: number, step: number): number {
  const t = Math.abs(distance);
  if (t >= 2 * step) return 0;
  return t < step ? 4 * step ** 3 - 6 * t * t * step + 3 * t ** 3 : (2 * step - t) ** 3;
}

/**
 * A Gaussian less the second and the fourth cumulants of the splines: of the eight boxes that they are made of, each as
 * wide as a step, which have 1/12 and -1/120 of them.
 */
function nodeWeights(sigma: number, step: number, reach: number): Float64Array {
  const variance = (sigma / step) ** 2 - 8 / 12;
  const fourth = 8 / 120;
  const weights = Float64Array.from({ length: reach + 1 }, (_, k) => {
    const square = (k * k) / variance;
    const peaked = (square * square - 6 * square + 3) * (fourth / (24 * variance * variance));
    return Math.exp(-square / 2) * (1 + peaked);
  });
  const sum = weights.reduce((all, weight, k) => all + (k === 0 ? weight : 2 * weight), 0);
  return weights.map((weight) => weight / (sum * 6 * step ** 4));
}

function differenceOf(
  { step, weights, reach, shares }: Omit<SplineGrid, 'apart'>,
  blur: Float64Array,
): number {
  const half = (reach + 2) * step;
  const ofNode = Float64Array.from({ length: 2 * half + 1 }, (_, at) => {
    let sum = 0;
    for (let k = -reach; k <= reach; k++) {
      sum += (weights[Math.abs(k)] as number) * spline(at - half - k * step, step);
    }
    return sum;
  });
  const radius = blur.length - 1;
  const differences = shares.map((share, phase) => {
    let all = 0;
    for (
      let t = Math.min(-half - step, phase - radius);
      t <= Math.max(half + 2 * step, phase + radius);
      t++
    ) {
      let own = 0;
      for (const [nth, node] of NEAR.entries())
        own += (share[nth] as number) * (ofNode[t - node * step + half] ?? 0);
      all += Math.abs(own - (blur[Math.abs(t - phase)] ?? 0));
    }
    return all;
  });
  return Math.max(...differences);
}
