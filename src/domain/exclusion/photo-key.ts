import { sha256Of } from '../dataset/digest.ts';

/** A photograph's page on Flickr, by whatever account and with whatever behind it. */
const PHOTO = /^https?:\/\/(?:www\.)?flickr\.com\/photos\/[^/?#\s]{1,200}\/(\d{1,20})(?=[/?#]|$)/i;

/**
 * Stands for a photograph by its page, so that no address has to be kept. Flickr numbers photographs over all accounts: a
 * page counts by that number, also once its account has another name. Of other addresses scheme, `www.` and a last slash
 * do not count.
 */
export function photoKey(url: string): string {
  const text = url.trim().normalize('NFC');
  const number = PHOTO.exec(text)?.[1];
  if (number !== undefined) return sha256Of(`flickr photo ${number}`);
  return sha256Of(
    text
      .toLowerCase()
      .replace(/^https?:\/\/(?:www\.)?/, '')
      .replace(/\/+$/, ''),
  );
}
