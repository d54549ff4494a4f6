import { createHmac } from 'node:crypto';
import { SECRET_IN_BASE64 } from '../../domain/network/notify-secret.ts';

/**
 * The headers by which a receiver knows that a notice is ours and not an old one sent again: those of the Standard Webhooks
 * specification, version 1 (HMAC-SHA256 of `id.timestamp.body`).
 *
 * @param secret as FFHQ_NOTIFY_SECRET has it: `whsec_` and base64, or any text
 * @param id the same for every attempt to send this notice
 * @param now milliseconds since the epoch
 */
export function noticeHeaders(
  secret: string,
  id: string,
  body: string,
  now: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  const key = secret.startsWith(SECRET_IN_BASE64)
    ? Buffer.from(secret.slice(SECRET_IN_BASE64.length), 'base64')
    : secret;
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
