import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { refused } from '../../../domain/failure/command-failure.ts';
import { allowsCommercialUse } from '../../../domain/rights/license-terms.ts';
import {
  askText,
  type Category,
  categories,
  mostOfAsk,
  type SelectionAsk,
  UNKNOWN_COUNTRY,
} from '../../../domain/selection/ask.ts';
import { MOST_IDS_TOLD } from '../../../domain/selection/ask-digest.ts';
import { accountOf, authorKey } from '../../../domain/selection/author-key.ts';
import { type LicenseWord, licenseWords } from '../../../domain/selection/licenses.ts';
import { splitNames, splitWarning } from '../../../domain/selection/splits.ts';
import { linesOf, readNamedFile } from '../values/named-file.ts';
import { shown, wholeNumber } from '../values/option-values.ts';
import type { Folders } from '../values/out-folder.ts';
import { addIdsFlag, readIds } from './ids-flag.ts';

/** Which records are wanted. All that is given must hold. */
export function addSelectionFlags(command: Command): Command {
  return addIdsFlag(command)
    .option('--category <names>', `only of these: ${categories.join(', ')}`)
    .option('--split <names>', `only of a named split: ${splitNames.filter(isPart).join(', ')}`)
    .option('--license <names>', `only under these licences: ${licenseWords.join(', ')}`)
    .option('--only-commercial', 'only under licences that allow commercial use')
    .option('--country <names>', 'only from these countries; "unknown": those that name none')
    .option('--author-from <file>', 'only by these authors: a Flickr account, page or name a line')
    .option('--pick <n>', 'of what is left, so many drawn by --seed: the same on every machine')
    .option('--seed <n>', 'with --pick (default: 0)')
    .option('--limit <n>', 'of what is left, the first so many');
}

/** What {@link addSelectionFlags} asks for: plain ids, which a run is told itself, or more, which lies in the folder. */
export interface Wanted {
  readonly ids: string | undefined;
  readonly selection: SelectionAsk | undefined;
}

export function readWanted(values: OptionValues, folders: Folders): Wanted {
  const ids = readIds(values, folders);
  const more = readMore(values, folders);
  const isPlain =
    Object.values(more).every((part) => part === undefined) && (ids?.length ?? 0) <= MOST_IDS_TOLD;
  if (isPlain) return { ids, selection: undefined };
  const given = Object.entries({ ids, ...more }).filter(([, part]) => part !== undefined);
  return { ids: undefined, selection: Object.fromEntries(given) };
}

/** Could these flags ask for it, and in these words? Authors are told apart by what stands for their names. */
export function couldBeAskedFor(ask: SelectionAsk | undefined, folders: Folders): boolean {
  if (ask === undefined) return true;
  const { authors, countries, pick, seed, limit } = ask;
  const list = (names: readonly string[] | undefined) => names?.join(',');
  const { ids, selection } = readWanted(
    {
      ...{ ids: ask.ids, category: list(ask.categories), split: list(ask.splits) },
      license: list(ask.underLicenses),
      country: list(countries?.map((one) => one || UNKNOWN_COUNTRY)),
      ...{ pick: asText(pick), seed: asText(seed), limit: asText(limit) },
    },
    folders,
  );
  if (authors === undefined) return selection !== undefined && askText(selection) === askText(ask);
  const sorted = [...new Set(authors)].sort();
  const made = { ...(ids === undefined ? {} : { ids }), ...selection, authors: sorted };
  return sorted.length > 0 && askText(made) === askText(ask);
}

function asText(number: number | undefined): string | undefined {
  return number === undefined ? undefined : String(number);
}

/** What somebody should know before a run begins. */
export function selectionWarnings({ selection }: Wanted): readonly string[] {
  const { splits = [], categories: named = [] } = selection ?? {};
  const warnings = splits.flatMap((split) => {
    const warning = splitWarning(split);
    return warning === undefined ? [] : [`--split ${warning}`];
  });
  if (splits.length > 0 && named.length > 0 && warnings.length > 0)
    warnings.push(
      `--category ${named.join(',')} goes by NVIDIA's own split: of --split only what is in both is left`,
    );
  return warnings;
}

function readMore(values: OptionValues, folders: Folders): Omit<SelectionAsk, 'ids' | 'idsOf'> {
  const text = (name: string): string | undefined => {
    const value: unknown = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const number = (name: string, flag: string, from: number, to: number): number | undefined => {
    const given = text(name);
    return given === undefined ? undefined : wholeNumber(flag, from, to)(given);
  };
  const pick = number('pick', '--pick', 1, mostOfAsk.pick);
  const seed = number('seed', '--seed', 0, mostOfAsk.seed);
  if (seed !== undefined && pick === undefined)
    throw refused('flag [--seed]: expected with --pick, got it without');
  return {
    categories: choices<Category>('--category', text('category'), categories),
    splits: choices('--split', text('split'), splitNames),
    underLicenses: readLicenses(text('license'), values.onlyCommercial === true),
    countries: readCountries(text('country')),
    authors: readAuthors(text('authorFrom'), folders),
    pick,
    seed: pick === undefined ? undefined : (seed ?? 0),
    limit: number('limit', '--limit', 1, mostOfAsk.pick),
  } as Omit<SelectionAsk, 'ids' | 'idsOf'>;
}

/** Which licences both flags leave. */
function readLicenses(
  given: string | undefined,
  onlyCommercial: boolean,
): readonly LicenseWord[] | undefined {
  const named = choices<LicenseWord>('--license', given, licenseWords);
  if (!onlyCommercial) return named;
  const left = (named ?? licenseWords).filter(allowsCommercialUse);
  if (left.length > 0) return left;
  throw refused(
    `flag [--only-commercial]: expected one of ${licenseWords.filter(allowsCommercialUse).join(', ')} among --license, ` +
      `got ${shown(given ?? '')}`,
  );
}

/** One or several, apart by commas, each once. */
export function choices<Choice extends string>(
  flag: string,
  given: string | undefined,
  known: readonly Choice[],
): readonly Choice[] | undefined {
  if (given === undefined) return undefined;
  const asked = given.split(',').map((word) => word.trim().toLowerCase());
  const stranger = asked.find((word) => !known.some((one) => one === word));
  if (stranger !== undefined)
    throw refused(`flag [${flag}]: expected some of ${known.join(', ')}, got ${shown(stranger)}`);
  return known.filter((one) => asked.includes(one));
}

function readCountries(given: string | undefined): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const named = given.split(',').map((word) => word.trim().toLowerCase());
  const { countries: most, country: longest } = mostOfAsk;
  const isNone = (word: string) => word === '' || word.length > longest || /[\p{C}\p{Zl}\p{Zp}]/u.test(word);
  if (named.length > most || named.some(isNone))
    throw refused(`flag [--country]: expected countries apart by commas, got ${shown(given)}`);
  return [...new Set(named.map((word) => (word === UNKNOWN_COUNTRY ? '' : word)))].sort();
}

/** Names are not kept: what stands for them is compared with what stands for the authors of the manifest. */
function readAuthors(given: string | undefined, folders: Folders): readonly string[] | undefined {
  if (given === undefined) return undefined;
  if (given === '') throw refused('flag [--author-from]: expected a file, got nothing');
  const path = resolve(folders.given, given);
  const lines = linesOf(readNamedFile('--author-from', path));
  if (lines.length === 0 || lines.length > mostOfAsk.authors)
    throw refused(
      `flag [--author-from]: expected 1 to ${mostOfAsk.authors} lines, each a Flickr account, page or name, got ${lines.length} in ${path}`,
    );
  return [...new Set(lines.map((line) => authorKey(accountOf(line) ?? line)))].sort();
}

function isPart(name: string): boolean {
  return name.includes(':');
}
