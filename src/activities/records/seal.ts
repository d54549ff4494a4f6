import { createHmac, timingSafeEqual } from 'node:crypto';

/** 128 bits in base64url. */
const MAC_LENGTH = 22;

const SEALED = new RegExp(`,"mac":"([\\w-]{${MAC_LENGTH}})"}$`);

/**
 * Marks the JSON texts that this program keeps in a dataset folder, so that it knows its own again: a folder may come from
 * anybody. A mark holds for one purpose, so that a text serves in no other place, or for no other folder, than its own.
 */
export class Seal {
  readonly #key: Buffer;
  /** Names the key, and tells nobody anything of it. */
  readonly fingerprint: string;

  /** @param key of the user, or of a lab that shares folders */
  constructor(key: Buffer) {
    // Another key than that of inputs: what one signs never passes for the other.
    this.#key = createHmac('sha256', key).update('ffhq folder 1').digest();
    this.fingerprint = createHmac('sha256', key).update('ffhq fingerprint 1').digest('hex').slice(0, 16);
  }

  /** The text of an object that is not empty, with the mark as its last member. */
  close(purpose: string, text: string): string {
    return `${text.slice(0, -1)},"mac":"${this.#macOf(purpose, text)}"}`;
  }

  /** The text as it was before; undefined where it is not ours, or made for something else. */
  open(purpose: string, sealed: string): string | undefined {
    const [mark, mac] = SEALED.exec(sealed) ?? [];
    if (mark === undefined || mac === undefined) return undefined;
    const text = `${sealed.slice(0, -mark.length)}}`;
    return timingSafeEqual(Buffer.from(mac), Buffer.from(this.#macOf(purpose, text))) ? text : undefined;
  }

  /** A mark that stands beside a text, not in it. */
  mark(purpose: string, text: string): string {
    return this.#macOf(purpose, text);
  }

  /** Is it ours, for this purpose and this text? */
  isMark(purpose: string, text: string, mark: string): boolean {
    const [given, ours] = [mark, this.#macOf(purpose, text)].map((one) => Buffer.from(one));
    return given?.length === ours?.length && timingSafeEqual(given as Buffer, ours as Buffer);
  }

  #macOf(purpose: string, text: string): string {
    const mac = createHmac('sha256', this.#key).update(`${purpose}\n`).update(text);
    return mac.digest('base64url').slice(0, MAC_LENGTH);
  }
}
