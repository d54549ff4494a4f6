/** More bytes than any member has: each member is a part of them, another one for each. */
const noise = Buffer.alloc(4 * 1024 ** 2);
let state = 1;
for (let at = 0; at < noise.length; at += 4) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  noise.writeUInt32LE(state, at);
}

export function memberBytes(id: number, size: number): Buffer {
  const from = (id * 13) % (noise.length - size);
  return noise.subarray(from, from + size);
}

/** As NVIDIA's zip may call it. */
export function nameOf(id: number): string {
  return `images1024x1024/${String(id).padStart(5, '0')}.png`;
}
