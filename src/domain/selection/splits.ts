/** Parts of the dataset that papers and code name: which records they trained on, and which they kept back. */

/** A part of a named split; `heldOut`: not to be trained on. */
interface Part {
  readonly ids: string;
  readonly heldOut: boolean;
}

const trained = (ids: string): Part => ({ ids, heldOut: false });
const heldOut = (ids: string): Part => ({ ids, heldOut: true });

/** By name and part. */
const splits: Readonly<Record<string, Readonly<Record<string, Part>>>> = {
  nvidia: { training: trained('0-59999'), validation: heldOut('60000-69999') },
  'dps-1k': { test: heldOut('0-999') },
  diffae: { test: heldOut('0-9999'), train: trained('10000-69999') },
  idinvert: { train: trained('0-64999'), test: heldOut('65000-69999') },
  ffhqr: { train: trained('0-55999'), validation: heldOut('56000-62999'), test: heldOut('63000-69999') },
};

/** NVIDIA's own: the `category` of the official manifest. */
const FIRST_VALIDATION = 60_000;

/** Every spelling: `NAME:PART`, and `NAME` for all of its parts. */
export const splitNames: readonly string[] = Object.entries(splits).flatMap(([name, parts]) => [
  name,
  ...Object.keys(parts).map((part) => `${name}:${part}`),
]);

/** The records of a spelling of {@link splitNames}, as ranges; undefined of others. */
export function idsOfSplit(spelling: string): readonly string[] | undefined {
  const parts = partsOf(spelling);
  return parts.length === 0 ? undefined : parts.map(({ ids }) => ids);
}

/**
 * What somebody should know who goes by one of these: that it calls a test what NVIDIA trains on, or the other way round.
 * Undefined: nothing.
 */
export function splitWarning(spelling: string): string | undefined {
  for (const { ids, heldOut } of partsOf(spelling)) {
    const [from = 0, to = from] = ids.split('-').map(Number);
    if (heldOut && from < FIRST_VALIDATION)
      return `${spelling} keeps back records that NVIDIA's own split trains on: what was trained on FFHQ has seen them`;
    if (!heldOut && to >= FIRST_VALIDATION)
      return `${spelling} trains on records that NVIDIA's own split keeps back for validation`;
  }
  return undefined;
}

function partsOf(spelling: string): readonly Part[] {
  const [name = '', part] = spelling.split(':');
  const parts = Object.hasOwn(splits, name) ? (splits[name] ?? {}) : {};
  if (part === undefined) return Object.values(parts);
  const one = Object.hasOwn(parts, part) ? parts[part] : undefined;
  return one === undefined ? [] : [one];
}
