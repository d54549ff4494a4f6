/**
 * The stand-in with one large file, in a process of its own: it must not share a thread with whoever measures.
 * Argument: the file's bytes. Speaks with its parent by messages, as {@link Asked} and {@link Told} have it.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDriveStandIn } from '../../src/stand-in/drive-stand-in.ts';

export const FILE_ID = '1BenchLargeFileBenchLargeFileBench';
export const MIRROR_PATH = 'large-file';

/** `reached`: answer when so many bytes were sent, since the start. `settled`: answer when nobody is connected. */
export type Asked = { readonly what: 'reached'; readonly bytes: number } | { readonly what: 'settled' };

export type Told =
  | { readonly what: 'ready'; readonly origin: string; readonly md5: string }
  | { readonly what: 'reached' | 'settled'; readonly sent: number };

/** A prime: a range put down in another's place would otherwise hold the right bytes. */
const BLOCK_BYTES = 8_388_593;
const PIECE_BYTES = 256 * 1024;
const LOOK_MS = 5;

const block = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(
  Buffer.alloc(BLOCK_BYTES),
);

function* pieces(start: number, end: number): Generator<Uint8Array> {
  for (let at = start; at < end; ) {
    const within = at % BLOCK_BYTES;
    const length = Math.min(PIECE_BYTES, end - at, BLOCK_BYTES - within);
    yield block.subarray(within, within + length);
    at += length;
  }
}

async function serve(size: number): Promise<void> {
  const hash = createHash('md5');
  for (const piece of pieces(0, size)) hash.update(piece);
  const md5 = hash.digest('hex');
  const open = (start: number, end: number) => Readable.from(pieces(start, end), { highWaterMark: 1 });
  const file = { name: MIRROR_PATH, path: MIRROR_PATH, size, open };
  const drive = await startDriveStandIn({ files: new Map([[FILE_ID, file]]) });
  // Else it would read the whole file for its MD5 whenever somebody asks.
  drive.behave(FILE_ID, { kind: 'metadata', md5 });
  const sent = () => drive.requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  const answer = async (asked: Asked): Promise<void> => {
    const isThere = () =>
      asked.what === 'reached' ? sent() >= asked.bytes : drive.requests.every(({ closed }) => closed);
    while (!isThere()) await sleep(LOOK_MS);
    tell({ what: asked.what, sent: sent() });
  };
  process.on('message', (asked: Asked) => void answer(asked));
  process.once('disconnect', () => process.exit());
  tell({ what: 'ready', origin: drive.origin, md5 });
}

function tell(told: Told): void {
  process.send?.(told);
}

if (process.send) await serve(Number(process.argv[2]));
