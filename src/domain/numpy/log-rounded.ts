/** A number as the unevaluated sum of two doubles, about 106 bits. */
type DoubleDouble = readonly [high: number, low: number];

const LN2: DoubleDouble = [Math.LN2, 2.3190468138462996e-17];
const SPLITTER = 2 ** 27 + 1;

/** Natural logarithm of a positive, normal double, correctly rounded but for ties that no double hits. */
export function logRounded(x: number): number {
  const [high, low] = logarithm(x);
  return high + low;
}

/** e to the power of x, for |x| < 700, rounded as well as one correction of `Math.exp` can: all but correctly. */
export function expRounded(x: number): number {
  const near = Math.exp(x);
  const [high, low] = logarithm(near);
  return near + near * (x - high - low);
}

/** x = 2^k m with m near 1; log m = 2 artanh((m - 1) / (m + 1)) as its power series. */
function logarithm(x: number): DoubleDouble {
  let exponent = Math.floor(Math.log2(x));
  let mantissa = x * 2 ** -exponent;
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  const ratio = divide(twoSum(mantissa, -1), twoSum(mantissa, 1));
  const square = multiply(ratio, ratio);
  // |ratio| < 0.172: terms fall by 34 each, and 24 of them reach 2^-110.
  let sum: DoubleDouble = [0, 0];
  for (const inverse of inverses) sum = add(multiply(sum, square), inverse);
  return add(multiply([2 * ratio[0], 2 * ratio[1]], sum), multiply([exponent, 0], LN2));
}

function twoSum(a: number, b: number): DoubleDouble {
  const sum = a + b;
  const part = sum - a;
  return [sum, a - (sum - part) + (b - part)];
}

function twoProduct(a: number, b: number): DoubleDouble {
  const product = a * b;
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  return [product, aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow];
}

function split(a: number): DoubleDouble {
  const scaled = SPLITTER * a;
  const high = scaled - (scaled - a);
  return [high, a - high];
}

function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const [high, error] = twoSum(a[0], b[0]);
  const [low, rest] = twoSum(a[1], b[1]);
  const first = twoSum(high, error + low);
  return twoSum(first[0], first[1] + rest);
}

function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const [high, low] = twoProduct(a[0], b[0]);
  return twoSum(high, low + (a[0] * b[1] + a[1] * b[0]));
}

function divide(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const first = a[0] / b[0];
  const left = subtractProduct(a, b, first);
  const second = left[0] / b[0];
  const rest = subtractProduct(left, b, second);
  return add(twoSum(first, second), [rest[0] / b[0], 0]);
}

function subtractProduct(a: DoubleDouble, b: DoubleDouble, factor: number): DoubleDouble {
  const [high, low] = multiply(b, [factor, 0]);
  return add(a, [-high, -low]);
}

/** 1/47, 1/45, ... 1. */
const inverses: readonly DoubleDouble[] = Array.from({ length: 24 }, (_, n) =>
  divide([1, 0], [47 - 2 * n, 0]),
);
