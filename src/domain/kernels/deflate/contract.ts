/**
 * Compresses filtered rows of pixels, which are hardly ever like earlier ones: Huffman codes, and runs of one byte as matches
 * of distance 1, in blocks of about 65,536 bytes and runs with codes of their own.
 *
 * @param bytes one or more
 * @returns a zlib stream (RFC 1950 and 1951) of them; the caller's own until the kernel's next call
 */
export type Deflate = (bytes: Uint8Array) => Uint8Array;
