/** Waits that Temporal holds for as long as it takes, by the failure's type; each line fits into 80 columns. */
const advice: Readonly<Record<string, string>> = {
  'Source.NetworkDown': 'no connection: tried until there is one; is the host wrong: ffhq cancel',
  'Source.Blocked': 'Google blocks this address: it goes on by itself; fewer --num_threads help',
  'Source.SourceNotMounted': 'the source folder is not there: mount it where the worker runs',
  'Store.NotMounted': 'the worker sees another folder, or none: mount it there, or set FFHQ_OUT',
  'Store.DiskFull': 'make room on the disk of the dataset folder: it goes on by itself then',
};

/** What a person can do, where Activities wait for what no attempt can bring about; `failure`: `Type: message`. */
export function waitAdvice(failure: string): string | undefined {
  const type = /^\w+\.\w+(?=:)/.exec(failure)?.[0] ?? '';
  return advice[type];
}
