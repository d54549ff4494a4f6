/** Characters of a secret in a row that are taken for a part of it. A word of ours has no such row by chance. */
const TELLING = 6;

const IN_ITS_PLACE = '[secret]';

/**
 * The secrets that this process knows, and what others said without them. Servers repeat what they were sent, in headers,
 * addresses and pages: whole, cut off, in another case, or in pieces.
 */
export class ShownSecrets {
  /** Of all secrets, in lower case: every row of so many characters. */
  readonly #rows = new Set<string>();

  /** From now on it is shown nowhere. Of less than six characters it tells nobody anything, and is let be. */
  add(secret: string): void {
    for (const spelling of [secret, encodeURIComponent(secret.replace(/\p{Cs}/gu, ''))]) {
      const text = lowered(spelling);
      for (let at = 0; at + TELLING <= text.length; at++) this.#rows.add(text.slice(at, at + TELLING));
    }
  }

  /** The text without any secret or telling part of one. Takes time by the text's length alone. */
  hide(text: string): string {
    if (this.#rows.size === 0) return text;
    const lower = lowered(text);
    let shown = '';
    let hiddenTo = -1;
    for (let at = 0; at < text.length; at++) {
      if (this.#rows.has(lower.slice(at, at + TELLING))) {
        if (at > hiddenTo) shown += IN_ITS_PLACE;
        hiddenTo = at + TELLING;
      } else if (at >= hiddenTo) shown += text.charAt(at);
    }
    return shown;
  }
}

/** Host names lose their capitals on the way. Letters whose lower case is longer stay, so that places are the same. */
function lowered(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
