const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** Bytes, plain or with a unit: `67108864`, `64MiB`, `64M` (both 1024-based), `64MB` (1000-based). Undefined: none of these. */
export function parseByteCount(text: string): number | undefined {
  const match = /^([0-9]{1,15})\s*([a-z]*)$/i.exec(text);
  const unit = units[(match?.[2] ?? 'none').toLowerCase()];
  return unit === undefined ? undefined : Number(match?.[1]) * unit;
}
