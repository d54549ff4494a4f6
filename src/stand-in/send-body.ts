import type { Active } from './behaviours.ts';
import type { Exchange } from './exchange.ts';

const DRIPS_PER_SECOND = 20;

/**
 * Streams the bytes that begin at `position` of the file, with back-pressure, and ends the response. What goes wrong on the
 * way is applied to each piece: the place where the connection ends or stalls, the flipped byte, the speed.
 *
 * @throws What reading the bytes throws.
 */
export async function sendBody(
  exchange: Exchange,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  position: number,
  active: Active,
): Promise<void> {
  const { response, record } = exchange;
  const flipAt = active.find('flip-byte')?.at;
  const cut = active.find('cut');
  const stall = active.find('stall');
  const lastByte = Math.min(
    cut?.afterBytes ?? Number.POSITIVE_INFINITY,
    stall?.afterBytes ?? Number.POSITIVE_INFINITY,
  );
  const perDrip = dripSize(active.find('drip')?.bytesPerSecond);
  let at = position;

  // Headers alone are worth sending: whoever cuts after no byte cuts after them.
  response.flushHeaders();
  for await (const whole of bytes) {
    const intact = whole.subarray(0, Math.max(0, lastByte - record.bytesSent));
    const piece = flipAt === undefined ? intact : flipped(intact, flipAt - at);
    at += whole.length;
    for (let sent = 0; sent < piece.length; sent += perDrip) {
      if (exchange.closed) return;
      const drip = piece.subarray(sent, sent + perDrip);
      record.bytesSent += drip.length;
      if (!response.write(drip)) await exchange.drained();
      // Not behind the last one: who has it all asks for the next file at once.
      if (sent + perDrip < piece.length) await exchange.pause(1000 / DRIPS_PER_SECOND);
    }
    if (exchange.closed) return;
    if (record.bytesSent < lastByte) continue;
    if (stall && stall.afterBytes === lastByte) return exchange.stall();
    await flushed(exchange);
    if (cut?.how === 'reset') exchange.reset();
    else response.socket?.end();
    return;
  }
  response.end();
}

function dripSize(bytesPerSecond: number | undefined): number {
  if (bytesPerSecond === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.round(bytesPerSecond / DRIPS_PER_SECOND));
}

function flipped(piece: Uint8Array, index: number): Uint8Array {
  const byte = piece[index];
  if (byte === undefined) return piece;
  const copy = Uint8Array.from(piece);
  copy[index] = byte ^ 0xff;
  return copy;
}

/** A reset throws away what the kernel has not sent: give it the time to. */
async function flushed(exchange: Exchange): Promise<void> {
  while (
    !exchange.closed &&
    (exchange.response.writableLength > 0 || (exchange.response.socket?.writableLength ?? 0) > 0)
  ) {
    await exchange.pause(1);
  }
  await exchange.pause(5);
}
