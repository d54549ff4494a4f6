import type { Md5 } from '../../dataset/ids.ts';
import { WasmHeap } from '../../wasm/wasm-heap.ts';
import { instantiate, type WasmKernel } from '../../wasm/wasm-kernel.ts';
import type { DigestMessages } from './contract.ts';

interface Exports extends WasmKernel {
  takeBlocks(from: number, stride: number, blocks: number, states: number): void;
}

const LANES = 8;
const BLOCK_BYTES = 64;
/** Of each message at a time: enough that the calls between them cost next to nothing, and all of it stays in a processor's own cache. */
const MOST_BLOCKS = 256;
const LANE_BYTES = MOST_BLOCKS * BLOCK_BYTES;
const STATE_WORDS = 4;
/** RFC 1321, section 3.3. */
const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];

/** A message on its way through a lane. */
interface Message {
  readonly nth: number;
  /** What is being taken: the message as far as it fills blocks, and then its padded end. */
  bytes: Uint8Array;
  at: number;
  end: Uint8Array | undefined;
}

/**
 * {@link DigestMessages} by `assembly/md5`, eight at a time: as fast as `node:crypto` is for one and two thirds of them. For less
 * than two messages the plain kind is the faster one.
 */
export function simdMd5(module: WebAssembly.Module): DigestMessages {
  const lanes = new Md5Lanes(instantiate(module));
  return (messages) => lanes.digest(messages);
}

class Md5Lanes {
  readonly #kernel: Exports;
  readonly #states: number;
  readonly #from: number;

  constructor(kernel: Exports) {
    this.#kernel = kernel;
    const heap = new WasmHeap(kernel);
    this.#states = heap.take(LANES * STATE_WORDS * 4);
    this.#from = heap.take(LANES * LANE_BYTES);
  }

  /** Each message's MD5, in the messages' order. */
  digest(messages: readonly Uint8Array[]): Md5[] {
    // The longest first: lanes end together.
    const waiting = messages
      .map(messageOf)
      .sort((one, other) => other.bytes.length - one.bytes.length)
      .values();
    const digests: Md5[] = new Array(messages.length);
    const lanes: (Message | undefined)[] = new Array(LANES).fill(undefined);
    for (;;) {
      for (let lane = 0; lane < LANES; lane++) {
        const ended = lanes[lane];
        if (ended !== undefined && ended.at < ended.bytes.length) continue;
        if (ended !== undefined) digests[ended.nth] = this.#digestOf(lane);
        lanes[lane] = waiting.next().value;
        if (lanes[lane]) this.#start(lane);
      }
      if (!this.#takeBlocks(lanes)) return digests;
    }
  }

  /** As many blocks as each message has at hand; false: there is no message. */
  #takeBlocks(lanes: readonly (Message | undefined)[]): boolean {
    let bytes = LANE_BYTES;
    for (const message of lanes) if (message) bytes = Math.min(bytes, message.bytes.length - message.at);
    const memory = new Uint8Array(this.#kernel.memory.buffer);
    let isAny = false;
    for (const [lane, message] of lanes.entries()) {
      if (message === undefined) continue;
      isAny = true;
      memory.set(message.bytes.subarray(message.at, message.at + bytes), this.#from + lane * LANE_BYTES);
      message.at += bytes;
      if (message.at < message.bytes.length || message.end === undefined) continue;
      message.bytes = message.end;
      message.end = undefined;
      message.at = 0;
    }
    if (isAny) this.#kernel.takeBlocks(this.#from, LANE_BYTES, bytes / BLOCK_BYTES, this.#states);
    return isAny;
  }

  #start(lane: number): void {
    const words = this.#words();
    for (const [nth, word] of START.entries()) words.setUint32(4 * (LANES * nth + lane), word, true);
  }

  #digestOf(lane: number): Md5 {
    const words = this.#words();
    let hex = '';
    for (let nth = 0; nth < STATE_WORDS; nth++) {
      // The state's bytes in their order in memory.
      hex += words
        .getUint32(4 * (LANES * nth + lane))
        .toString(16)
        .padStart(8, '0');
    }
    return hex as Md5;
  }

  #words(): DataView {
    return new DataView(this.#kernel.memory.buffer, this.#states, LANES * STATE_WORDS * 4);
  }
}

/** RFC 1321, sections 3.1 and 3.2: a one, zeros up to a block less 8 bytes, and the length in bits. */
function messageOf(bytes: Uint8Array, nth: number): Message {
  const whole = bytes.length - (bytes.length % BLOCK_BYTES);
  const rest = bytes.length - whole;
  const end = new Uint8Array(rest + 9 > BLOCK_BYTES ? 2 * BLOCK_BYTES : BLOCK_BYTES);
  end.set(bytes.subarray(whole));
  end[rest] = 0x80;
  new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(bytes.length) * 8n, true);
  if (whole === 0) return { nth, bytes: end, at: 0, end: undefined };
  return { nth, bytes: bytes.subarray(0, whole), at: 0, end };
}
