import { sha256Of } from '../dataset/digest.ts';

/** How Flickr's pages begin that belong to somebody. */
const ACCOUNT = /^https?:\/\/(?:www\.)?flickr\.com\/(?:photos|people)\/([^/?#\s]{1,200})/i;

/** The account that a photograph's or a person's page names. */
export function accountOf(url: string): string | undefined {
  return ACCOUNT.exec(url)?.[1];
}

/** Stands for an account or a name, in whatever case, so that no name has to be kept. */
export function authorKey(name: string): string {
  return sha256Of(name.trim().normalize('NFC').toLowerCase());
}

/** The same for one name after the other: many photographs have one author. */
export class AuthorKeys {
  readonly #known = new Map<string, string>();

  of(name: string): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const key = authorKey(name);
    this.#known.set(name, key);
    return key;
  }
}
