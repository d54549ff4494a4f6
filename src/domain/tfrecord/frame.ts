/*
 * TFRecord: a file is records, one behind the other, each in a frame:
 *
 *   8 bytes  length of the data, little endian
 *   4 bytes  masked CRC-32C of these eight
 *            the data
 *   4 bytes  masked CRC-32C of the data
 */

import { crc32c } from './crc32c.ts';

/** The length and its checksum. */
export const HEAD_BYTES = 12;
/** The data's checksum. */
export const TAIL_BYTES = 4;
export const FRAME_BYTES = HEAD_BYTES + TAIL_BYTES;

/** As TFRecord writes a checksum down: a checksum of bytes that hold their own would tell nothing. */
export function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

export function frameOf(data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(data.length + FRAME_BYTES);
  const view = new DataView(frame.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(frame.subarray(0, 8))), true);
  frame.set(data, HEAD_BYTES);
  view.setUint32(HEAD_BYTES + data.length, masked(crc32c(data)), true);
  return frame;
}

/** Does a head, of {@link HEAD_BYTES}, say that so many bytes of data follow, and is that what was written? */
export function isHeadOf(head: Uint8Array, dataBytes: number): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const length = view.getBigUint64(0, true);
  return length === BigInt(dataBytes) && view.getUint32(8, true) === masked(crc32c(head.subarray(0, 8)));
}
