import { BadArchiveError, MOST_DIRECTORY_BYTES, MOST_MEMBERS } from './bad-archive.ts';

/** A member's bytes as they lie in the archive. */
export const STORED = 0;
export const DEFLATED = 8;
/** Beside the methods that zip numbers: members that are listed and never read. */
export const ENCRYPTED = 0xfffe;
export const ODD = 0xfffd;

/** Where a member lies. All in bytes. */
export interface Member {
  /** Of a zip, of its local header; of a tar, of its first byte. */
  readonly offset: number;
  /** In the archive. */
  readonly packed: number;
  /** Of the file that it is. */
  readonly size: number;
  /** {@link STORED}, {@link DEFLATED}, another one of zip's numbers, {@link ENCRYPTED} or {@link ODD}. */
  readonly method: number;
  /** Of a zip: what its header in front of the bytes takes, as far as the directory knows. */
  readonly head: number;
}

/** Members of one base name that are looked at; more cannot be told apart anyway. */
const MOST_ALIKE = 64;

/** Members whose names fall together, by chance or by malice; 70,000 honest ones have a dozen at most. */
const MOST_TOGETHER = 2_000;

const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/**
 * The members of an archive by base name, in columns: some 50 bytes and its name for each, where an object would take ten
 * times as much. Filled once, in any order.
 */
export class MemberTable {
  #count = 0;
  #offsets = new Float64Array(1024);
  #packed = new Float64Array(1024);
  #sizes = new Float64Array(1024);
  #methods = new Uint16Array(1024);
  #heads = new Uint32Array(1024);
  /** Where each name ends in `#names`. */
  #ends = new Uint32Array(1024);
  #names = new Uint8Array(32 * 1024);
  /** By hash of the base name: one more than the number of the last such member; and of the one before each. */
  #last: Uint32Array | undefined;
  #before = new Uint32Array(0);

  get count(): number {
    return this.#count;
  }

  /** Memory that it takes. */
  get bytes(): number {
    const columns = [this.#offsets, this.#packed, this.#sizes, this.#methods, this.#heads, this.#ends];
    const all = [...columns, this.#names, this.#before, ...(this.#last ? [this.#last] : [])];
    return all.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** @param name its bytes, copied; or those of it from `nameAt` to `nameEnd` */
  add(name: Uint8Array, member: Member, nameAt = 0, nameEnd = name.length): void {
    const at = this.#count;
    if (at === MOST_MEMBERS) throw new BadArchiveError(`expected at most ${MOST_MEMBERS} members, got more`);
    if (at === this.#offsets.length) this.#grow();
    const from = this.#nameStart(at);
    const end = from + nameEnd - nameAt;
    if (end > MOST_DIRECTORY_BYTES)
      throw new BadArchiveError(`expected names of at most ${MOST_DIRECTORY_BYTES} bytes, got more`);
    if (end > this.#names.length)
      this.#names = enlarged(this.#names, Math.max(Math.min(2 * from, MOST_DIRECTORY_BYTES), end));
    for (let byte = nameAt; byte < nameEnd; byte++) this.#names[from + byte - nameAt] = name[byte] ?? 0;
    this.#ends[at] = end;
    this.#offsets[at] = member.offset;
    this.#packed[at] = member.packed;
    this.#sizes[at] = member.size;
    this.#methods[at] = member.method;
    this.#heads[at] = member.head;
    this.#count++;
    this.#last = undefined;
  }

  at(index: number): Member {
    return {
      offset: this.#offsets[index] ?? 0,
      packed: this.#packed[index] ?? 0,
      size: this.#sizes[index] ?? 0,
      method: this.#methods[index] ?? ODD,
      head: this.#heads[index] ?? 0,
    };
  }

  /** A member's name as it stands in the archive; a view, of which nothing may be changed. */
  nameAt(index: number): Uint8Array {
    return this.#names.subarray(this.#nameStart(index), this.#ends[index]);
  }

  /** The members of this base name, at most 64, the last one first. */
  find(baseName: string): readonly number[] {
    const wanted = encoder.encode(baseName);
    const last = this.#last ?? this.#index();
    const found: number[] = [];
    let next = last[hashOf(wanted, 0, wanted.length) & (last.length - 1)] ?? 0;
    for (; next > 0 && found.length < MOST_ALIKE; next = this.#before[next - 1] ?? 0) {
      if (this.#isCalled(next - 1, wanted)) found.push(next - 1);
    }
    return found;
  }

  /** Throws where two members share bytes, or one reaches behind `end`: such an archive is a bomb, or lies. */
  checkOverlaps(end: number): void {
    const count = this.#count;
    const starts = this.#offsets.slice(0, count).sort();
    for (let at = 1; at < count; at++) {
      if (starts[at] === starts[at - 1])
        throw new BadArchiveError(`expected one member at each place, got two at ${starts[at]}`);
    }
    for (let at = 0; at < count; at++) {
      const [offset = 0, packed = 0, head = 0] = [this.#offsets[at], this.#packed[at], this.#heads[at]];
      // What a local header has beyond the directory's own fields is not known here: at least its fixed part and its name.
      const until = offset + Math.min(head, ZIP_FIXED + (this.#ends[at] ?? 0) - this.#nameStart(at)) + packed;
      const next = starts[placeBehind(starts, offset)] ?? end;
      if (until > Math.min(next, end))
        throw new BadArchiveError(
          `expected members beside each other, got one at ${offset} that reaches ${until}`,
        );
    }
  }

  #nameStart(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
  }

  #grow(): void {
    const length = 2 * this.#offsets.length;
    this.#offsets = enlarged(this.#offsets, length);
    this.#packed = enlarged(this.#packed, length);
    this.#sizes = enlarged(this.#sizes, length);
    this.#methods = enlarged(this.#methods, length);
    this.#heads = enlarged(this.#heads, length);
    this.#ends = enlarged(this.#ends, length);
  }

  #index(): Uint32Array {
    const last = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, 2 * this.#count))));
    const together = new Uint16Array(last.length);
    this.#before = new Uint32Array(this.#count);
    for (let at = 0; at < this.#count; at++) {
      const end = this.#ends[at] ?? 0;
      const slot = hashOf(this.#names, this.#baseStart(at), end) & (last.length - 1);
      const length = (together[slot] ?? 0) + 1;
      if (length > MOST_TOGETHER)
        throw new BadArchiveError(`expected members of different names, got ${MOST_TOGETHER} of the same`);
      together[slot] = length;
      this.#before[at] = last[slot] ?? 0;
      last[slot] = at + 1;
    }
    this.#last = last;
    return last;
  }

  #baseStart(index: number): number {
    const start = this.#nameStart(index);
    let at = this.#ends[index] ?? 0;
    while (at > start && this.#names[at - 1] !== SLASH && this.#names[at - 1] !== BACKSLASH) at--;
    return at;
  }

  #isCalled(index: number, wanted: Uint8Array): boolean {
    const from = this.#baseStart(index);
    if ((this.#ends[index] ?? 0) - from !== wanted.length) return false;
    for (let at = 0; at < wanted.length; at++) if (this.#names[from + at] !== wanted[at]) return false;
    return true;
  }
}

/** Bytes of a zip's local header before its name. */
const ZIP_FIXED = 30;

/** The place of the first start behind `offset`. */
function placeBehind(starts: Float64Array, offset: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

const encoder = new TextEncoder();

/** FNV-1a. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function enlarged<Column extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(
  column: Column,
  length: number,
): Column {
  const larger = new (column.constructor as new (length: number) => Column)(length);
  larger.set(column as never);
  return larger;
}
