import type { Md5 } from '../../dataset/ids.ts';

/**
 * MD5 (RFC 1321) of messages of any lengths, none of them included.
 *
 * @returns each message's digest, in the messages' order; the messages are not kept
 */
export type DigestMessages = (messages: readonly Uint8Array[]) => Md5[];
