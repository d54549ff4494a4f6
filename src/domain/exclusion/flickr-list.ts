/*
 * What came of a look at Flickr, however it was made: this program asks Flickr nothing. The dataset's own page says which
 * photographs its authors want out: whoever does not want to be in it removes the photograph, makes it private, changes its
 * licence, or tags it `no_cv`.
 */

export const flickrReasons = ['gone', 'private', 'no_cv', 'licence', 'unsaid'] as const;
export type FlickrReason = (typeof flickrReasons)[number];

/** What the exclusion list says of it. */
export const flickrReasonWords: Readonly<Record<FlickrReason, string>> = {
  gone: 'the photograph is no longer on Flickr',
  private: 'the photograph is private on Flickr',
  no_cv: 'the photograph is tagged no_cv on Flickr',
  licence: 'the photograph has another licence on Flickr',
  unsaid: 'the photograph is not on Flickr as it was',
};

const spellings: Readonly<Record<string, FlickrReason>> = {
  '': 'unsaid',
  gone: 'gone',
  deleted: 'gone',
  removed: 'gone',
  missing: 'gone',
  404: 'gone',
  410: 'gone',
  private: 'private',
  403: 'private',
  no_cv: 'no_cv',
  nocv: 'no_cv',
  licence: 'licence',
  license: 'licence',
  'other licence': 'licence',
  'other license': 'licence',
};

export interface FlickrFinding {
  readonly url: string;
  readonly why: FlickrReason;
}

const PAGE = /^https?:\/\/(?:www\.)?flickr\.com\/photos\/[^/?#\s]{1,200}\/\d{1,20}(?:[/?#]\S*)?$/i;

/** Lines `URL` or `URL,why`, or CSV whose first columns are these, with a header or without. */
export function parseFlickrList(
  lines: readonly string[],
): readonly FlickrFinding[] | { readonly line: number; readonly problem: string } {
  const found: FlickrFinding[] = [];
  for (const [nth, line] of lines.entries()) {
    const [url = '', why = ''] = fieldsOf(line);
    if (nth === 0 && !/^https?:/i.test(url) && /url|photo|page/i.test(url)) continue;
    if (!PAGE.test(url)) return { line: nth + 1, problem: "a photograph's page on Flickr" };
    const reason = Object.hasOwn(spellings, why.toLowerCase()) ? spellings[why.toLowerCase()] : undefined;
    if (reason === undefined)
      return { line: nth + 1, problem: 'gone, private, no_cv, licence or nothing behind the address' };
    found.push({ url, why: reason });
  }
  return found;
}

/** The first fields of a line of CSV. */
function fieldsOf(line: string): readonly string[] {
  const fields: string[] = [];
  for (const [, quoted, plain] of line.matchAll(/(?:^|[,;\t])(?:\s*"((?:[^"]|"")*)"\s*|([^,;\t]*))/g))
    fields.push((quoted?.replaceAll('""', '"') ?? plain ?? '').trim());
  return fields;
}
