import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/*
 * While a reader is behind, undici's parser pauses. A server that closes its connection meanwhile, as every server of
 * HTTP/1.0 does behind each answer, then has undici 7 throw where nobody can catch it (nodejs/undici#5360; mended in 8,
 * which needs a newer Node.js). So the end of a socket's bytes, clean or not, is held back until the parser asks for more
 * and is told that there is nothing: only then is it not paused.
 */

/** Makes connections whose ends come behind their bytes. */
export function withHeldEnds(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...made) => {
      const [, socket] = made;
      if (socket) holdEnd(socket);
      callback(...made);
    });
}

function holdEnd(socket: Socket): void {
  const { read, push, destroy } = socket;
  let isDrained = true;
  let held: (() => void) | undefined;
  const whenDrained = (end: () => void): void => {
    if (isDrained) end();
    else held ??= end;
  };
  Object.assign(socket, {
    read(size?: number): unknown {
      const chunk: unknown = read.call(socket, size);
      // By 0 the stream itself asks for more to come.
      if (size === 0) return chunk;
      isDrained = chunk === null;
      if (isDrained && held !== undefined) {
        // Behind what undici does with the bytes that it has.
        setImmediate(held);
        held = undefined;
      }
      return chunk;
    },
    push(chunk: unknown, encoding?: BufferEncoding): boolean {
      if (chunk !== null) {
        isDrained = false;
        return push.call(socket, chunk, encoding);
      }
      whenDrained(() => push.call(socket, null));
      return false;
    },
    destroy(error?: Error): Socket {
      // What undici ends it by is not held.
      if (error !== undefined && isOfReading(error)) whenDrained(() => destroy.call(socket, brokenBy(error)));
      else destroy.call(socket, error);
      return socket;
    },
  });
}

/** The system's own word for a connection that the other side broke. */
function isOfReading(error: NodeJS.ErrnoException): boolean {
  return error.syscall === 'read';
}

/** undici takes ECONNRESET for the end of a body without a length, so that half of one would count as whole. */
function brokenBy(error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ECONNRESET') return error;
  return Object.assign(new Error(error.message, { cause: error }), { code: 'ECONNABORTED' });
}
