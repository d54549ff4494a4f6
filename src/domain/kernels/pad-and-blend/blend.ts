const { fround } = Math;

/** A step towards another value, in NumPy's float32. */
export function blended(value: number, towards: number, share: number): number {
  return fround(value + fround(fround(towards - value) * share));
}

/** Share of the blur at a place of the mask. */
export function blurShare(mask: number): number {
  return clip01(fround(fround(mask * 3) + 1));
}

/** Share of the median at a place of the mask. */
export function medianShare(mask: number): number {
  return clip01(mask);
}

/** To the nearest byte, ties to the even one. */
export function toByte(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  const near = rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
  return near < 0 ? 0 : near > 255 ? 255 : near;
}

function clip01(share: number): number {
  return share < 0 ? 0 : share > 1 ? 1 : share;
}
