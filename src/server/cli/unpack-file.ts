import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** The executable has 138 MB. */
const MOST_BYTES = 512 * 1024 * 1024;
const BLOCK = 512;

/** The bytes of a regular file of a .tar.gz, by its name in whatever folder. */
export async function unpackFile(archive: string, name: string): Promise<Uint8Array> {
  const tar = await promisify(gunzip)(await readFile(archive), { maxOutputLength: MOST_BYTES });
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    const path = textAt(header, 0, 100);
    if (path === '') break;
    const size = Number.parseInt(textAt(header, 124, 12), 8);
    const content = at + BLOCK;
    if (!(size >= 0) || content + size > tar.length) {
      throw new Error(`archive [file=${path}]: expected ${size} bytes, got ${tar.length - content}`);
    }
    const isRegular = ['0', ''].includes(textAt(header, 156, 1));
    if (isRegular && path.split('/').at(-1) === name) return tar.subarray(content, content + size);
    at = content + BLOCK * Math.ceil(size / BLOCK);
  }
  throw new Error(`archive: expected a file ${name} in it, got none`);
}

/** A field of a header, up to its first zero. */
function textAt(header: Buffer, from: number, length: number): string {
  return header.toString('latin1', from, from + length).split('\0', 1)[0] ?? '';
}
