/**
 * Of each channel of `groups` x 12 samples: counts those below `lows`, and collects those from there to `highs` (12 floats
 * each, the channels' bounds four times over). `below`: three counters. `lists`: for each channel the address of its list,
 * how many it has room for, and how many there are: those without room are counted all the same. A list holds the
 * samples and behind all its room for them their places, the first sample's being `place`. NaN is nowhere.
 */
export function collectNear(
  samples: usize,
  groups: i32,
  place: i32,
  lows: usize,
  highs: usize,
  below: usize,
  lists: usize,
): void {
  let countA = i32x4.splat(0);
  let countB = i32x4.splat(0);
  let countC = i32x4.splat(0);
  const lowA = v128.load(lows);
  const lowB = v128.load(lows, 16);
  const lowC = v128.load(lows, 32);
  const highA = v128.load(highs);
  const highB = v128.load(highs, 16);
  const highC = v128.load(highs, 32);
  for (let group = 0; group < groups; group++) {
    const a = v128.load(samples);
    const b = v128.load(samples, 16);
    const c = v128.load(samples, 32);
    countA = i32x4.sub(countA, f32x4.lt(a, lowA));
    countB = i32x4.sub(countB, f32x4.lt(b, lowB));
    countC = i32x4.sub(countC, f32x4.lt(c, lowC));
    const nearA = v128.and(f32x4.ge(a, lowA), f32x4.le(a, highA));
    const nearB = v128.and(f32x4.ge(b, lowB), f32x4.le(b, highB));
    const nearC = v128.and(f32x4.ge(c, lowC), f32x4.le(c, highC));
    if (v128.any_true(v128.or(v128.or(nearA, nearB), nearC))) {
      let bits = i32x4.bitmask(nearA) | (i32x4.bitmask(nearB) << 4) | (i32x4.bitmask(nearC) << 8);
      while (bits !== 0) {
        const nth = ctz(bits);
        push(lists + <usize>(nth % 3) * 12, load<f32>(samples + <usize>nth * 4), place + nth);
        bits &= bits - 1;
      }
    }
    samples += 48;
    place += 12;
  }
  add(below, countA, 0);
  add(below, countB, 1);
  add(below, countC, 2);
}

// @ts-ignore: decorator
@inline
function push(list: usize, value: f32, place: i32): void {
  const count = load<i32>(list, 8);
  store<i32>(list, count + 1, 8);
  const room = load<i32>(list, 4);
  if (count >= room) return;
  const at = <usize>load<i32>(list) + <usize>count * 4;
  store<f32>(at, value);
  store<i32>(at + <usize>room * 4, place);
}

/** `first`: channel of the first lane. */
// @ts-ignore: decorator
@inline
function add(below: usize, counts: v128, first: usize): void {
  const second = below + ((first + 1) % 3) * 4;
  const third = below + ((first + 2) % 3) * 4;
  const own = below + first * 4;
  store<i32>(own, load<i32>(own) + i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 3));
  store<i32>(second, load<i32>(second) + i32x4.extract_lane(counts, 1));
  store<i32>(third, load<i32>(third) + i32x4.extract_lane(counts, 2));
}
