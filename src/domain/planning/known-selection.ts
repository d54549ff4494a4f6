import type { ImageId } from '../dataset/ids.ts';
import { officialTotals } from '../dataset/reference-files.ts';
import { partsOfAsk, type SelectionAsk } from '../selection/ask.ts';
import { type Selected, Selector } from '../selection/select.ts';

/** First record of the official dataset's validation part. */
const FIRST_VALIDATION = 60_000;

/**
 * What an ask selects of the official dataset, as far as its ids tell: of licences, countries and authors only the manifest
 * knows, and what is drawn is drawn of what they leave. Those parts are named in `untold`.
 */
export function knownSelection(ask: SelectionAsk): { readonly selected: Selected; readonly untold?: string } {
  const { underLicenses, countries, authors, ...known } = ask;
  const selector = new Selector(known);
  for (let id = 0; id < officialTotals.images.files; id++) {
    const category = id < FIRST_VALIDATION ? 'training' : 'validation';
    selector.add({ id: id as ImageId, category, licenseUrl: '', country: '', author: '', photoUrl: '' });
  }
  const untold = partsOfAsk({
    ...(underLicenses === undefined ? {} : { underLicenses }),
    ...(countries === undefined ? {} : { countries }),
    ...(authors === undefined ? {} : { authors }),
  }).map(({ words }) => words);
  const selected = selector.finish();
  return untold.length === 0 ? { selected } : { selected, untold: untold.join(' ') };
}
