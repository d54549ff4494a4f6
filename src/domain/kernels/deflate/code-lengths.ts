/** Codes are no longer than this. */
const MOST_BITS = 12;

/** Lengths of the best Huffman codes for symbols that occur so often, 12 bits at most; 0 where a symbol does not occur. */
export function codeLengths(often: Uint32Array): Uint8Array {
  // The rarest first, of equals the one with the lower number.
  const sorted = [...often.keys()]
    .filter((symbol) => often[symbol])
    .sort((a, b) => (often[a] as number) - (often[b] as number) || a - b);
  const ofLength = new Uint32Array(MOST_BITS + 1);
  for (const length of minimumRedundancy(sorted.map((symbol) => often[symbol] as number))) {
    add(ofLength, Math.min(length, MOST_BITS), 1);
  }
  shorten(ofLength);
  const lengths = new Uint8Array(often.length);
  // The rarest symbols have the longest codes.
  const rest = sorted.values();
  for (let length = MOST_BITS; length > 0; length--) {
    for (let left = ofLength[length] as number; left > 0; left--)
      lengths[rest.next().value as number] = length;
  }
  return lengths;
}

/** Moffat and Katajainen, "In-place calculation of minimum-redundancy codes", of two frequencies or more, in order. */
function minimumRedundancy(frequencies: readonly number[]): Uint32Array {
  const tree = Uint32Array.from(frequencies);
  const at = (nth: number) => tree[nth] as number;
  const n = tree.length;
  tree[0] = at(0) + at(1);
  let root = 0;
  let leaf = 2;
  for (let next = 1; next < n - 1; next++) {
    let sum = 0;
    for (let side = 0; side < 2; side++) {
      if (leaf >= n || (root < next && at(root) < at(leaf))) {
        sum += at(root);
        tree[root++] = next;
      } else sum += at(leaf++);
    }
    tree[next] = sum;
  }
  tree[n - 2] = 0;
  for (let next = n - 3; next >= 0; next--) tree[next] = at(at(next)) + 1;
  let open = 1;
  let next = n - 1;
  root = n - 2;
  for (let depth = 0; open > 0; depth++) {
    let inner = 0;
    for (; root >= 0 && at(root) === depth; root--) inner++;
    for (; open > inner; open--) tree[next--] = depth;
    open = 2 * inner;
  }
  return tree;
}

/** Lengths that were cut off take more room than there is: some shorter codes are made longer. */
function shorten(ofLength: Uint32Array): void {
  let room = ofLength.reduce((sum, count, length) => sum + count * 2 ** (MOST_BITS - length), 0);
  for (; room > 2 ** MOST_BITS; room--) {
    add(ofLength, MOST_BITS, -1);
    let length = MOST_BITS - 1;
    while (ofLength[length] === 0) length--;
    add(ofLength, length, -1);
    add(ofLength, length + 1, 2);
  }
}

function add(list: Uint32Array, nth: number, more: number): void {
  list[nth] = (list[nth] as number) + more;
}
