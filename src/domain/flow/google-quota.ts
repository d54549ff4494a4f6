import { parseByteCount } from './byte-count.ts';

/**
 * What Google lets a project ask for, as `FFHQ_GOOGLE_QUOTA` says it. Projects of before May 2026 count requests, later ones
 * count units, and bytes by the day.
 *
 * - `requests`, or `requests=N`: N requests a minute.
 * - `units`, or `units=N`: N units a minute. `per-download=U`: units that a request costs; Google's table of them is not
 *   known here. `egress=BYTES`: bytes of a day.
 */
export interface GoogleQuota {
  /** Requests a minute; not whole where a request costs units. */
  readonly requestsPerMinute: number;
  /** Bytes that a worker process takes in a day, which begins at midnight, Pacific time; undefined: as many as Google gives. */
  readonly bytesPerDay: number | undefined;
}

const defaults = { requests: 12_000, units: 325_000, perDownload: 200, egress: 1000 ** 4 };

export const defaultGoogleQuota: GoogleQuota = {
  requestsPerMinute: defaults.requests,
  bytesPerDay: undefined,
};

const EXPECTED =
  'expected requests[=N] or units[=N], and behind commas per-download=UNITS (with units) and egress=BYTES';

/** Reads the setting; what cannot be read is answered as a problem, "expected ..., got ...". */
export function parseGoogleQuota(
  text: string,
): { readonly quota: GoogleQuota } | { readonly problem: string } {
  const fields = new Map<string, string | undefined>();
  const entries = text.split(',').map((entry) => entry.trim());
  const refused = { problem: `${EXPECTED}, got ${text}` };
  for (const entry of entries) {
    const [name = '', value] = entry.split(/=(.*)/s, 2);
    if (fields.has(name)) return refused;
    fields.set(name, value);
  }
  const [regime] = fields.keys();
  if (regime !== 'requests' && regime !== 'units') return refused;
  const isUnits = regime === 'units';
  for (const name of fields.keys())
    if (name !== regime && name !== 'egress' && !(isUnits && name === 'per-download')) return refused;

  const number = (name: string, byDefault: number): number | undefined => {
    if (!fields.has(name)) return byDefault;
    const value = fields.get(name) ?? (name === regime ? String(byDefault) : '');
    return /^[0-9]{1,12}$/.test(value) && Number(value) > 0 ? Number(value) : undefined;
  };
  const perMinute = number(regime, defaults[regime]);
  const cost = isUnits ? number('per-download', defaults.perDownload) : 1;
  const bytes = fields.has('egress')
    ? parseByteCount(fields.get('egress') ?? '')
    : isUnits
      ? defaults.egress
      : undefined;
  if (perMinute === undefined || cost === undefined) return refused;
  if (fields.has('egress') && (bytes === undefined || bytes === 0)) return refused;
  return { quota: { requestsPerMinute: perMinute / cost, bytesPerDay: bytes } };
}
