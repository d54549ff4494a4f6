import { isAllowedUrl } from '../dataset/allowed-hosts.ts';
import { cardsOf, type FolderCard, type FolderData } from './folder-card.ts';

/** What flags say of where data may come from. */
interface Said {
  readonly allowedHosts: readonly string[];
  readonly says: { readonly source: boolean };
}

/**
 * May a card that somebody else wrote be followed? Only where it leads to nobody whom the built-in list or the flags do not
 * name: no other host, no folder and no file of this machine.
 */
export function leadsNowhereElse(card: FolderCard, said: Said): boolean {
  return cardsOf(card).every(({ request }) => isKnown(request, said));
}

function isKnown({ manifest, license, source, allowedHosts }: FolderData, { says, ...flags }: Said): boolean {
  const isAllowed = (url: string) => URL.canParse(url) && isAllowedUrl(new URL(url), flags.allowedHosts);
  return (
    allowedHosts.every((host) => flags.allowedHosts.includes(host)) &&
    (source.name === 'google-drive' || says.source) &&
    (manifest.name === 'official' || (manifest.name === 'other' && isAllowed(manifest.location))) &&
    (license.name !== 'url' || isAllowed(license.url))
  );
}
