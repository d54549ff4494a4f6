import { md5Of } from '../../dataset/digest.ts';
import type { DigestMessages } from './contract.ts';

/** {@link DigestMessages}, one message after the other. */
export const plainMd5: DigestMessages = (messages) => messages.map(md5Of);
