import type { Readable } from 'node:stream';

/** A redirect's URL has some 300 characters. */
const MOST_CHARACTERS = 16 * 1024;

/** The first line that is not empty, or undefined at the end of the input. Of a line without end the beginning. */
export async function pastedLine(input: Readable, signal: AbortSignal): Promise<string | undefined> {
  let text = '';
  const lineOf = () => text.split(/\r?\n/).map((line) => line.trim());
  return new Promise((done, fail) => {
    const take = (chunk: unknown) => {
      text += String(chunk);
      // The last one may still be growing.
      const line = lineOf()
        .slice(0, -1)
        .find((one) => one !== '');
      if (line !== undefined || text.length > MOST_CHARACTERS) end(() => done(line ?? text.trim()));
    };
    const atEnd = () => end(() => done(lineOf().find((line) => line !== '')));
    const onError = (error: Error) => end(() => fail(error));
    const onAbort = () => end(() => fail(signal.reason));
    const end = (settle: () => void) => {
      input.off('data', take).off('end', atEnd).off('error', onError).pause();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    input.on('end', atEnd).on('error', onError).on('data', take);
    if (input.readableEnded) atEnd();
  });
}
