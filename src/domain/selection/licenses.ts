/** Licences of the photographs, by the URL that a record names; what Flickr calls them has changed over the years. */
const urls = {
  by: 'creativecommons.org/licenses/by/2.0',
  'by-nc': 'creativecommons.org/licenses/by-nc/2.0',
  pdm: 'creativecommons.org/publicdomain/mark/1.0',
  cc0: 'creativecommons.org/publicdomain/zero/1.0',
  'us-gov': 'www.usa.gov/copyright.shtml',
} as const;

export type LicenseWord = keyof typeof urls;

export const licenseWords = Object.keys(urls) as readonly LicenseWord[];

/** Which licence a URL names: scheme, case and slashes at the end do not matter; undefined: none of these. */
export function licenseOf(url: unknown): LicenseWord | undefined {
  if (typeof url !== 'string') return undefined;
  const plain = url
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/{1,8}$/, '');
  return licenseWords.find((word) => urls[word] === plain);
}
