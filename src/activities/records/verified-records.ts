import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import type { FileKind } from '../../domain/kinds.ts';
import type { VerificationRecord } from '../../domain/verify/verification-record.ts';
import { isVerificationRecord } from '../../domain/verify/verification-record.ts';
import { AppendLog, readLog } from './append-log.ts';

/** What this project has verified, by path relative to OUT; every record that was ever written, oldest first per writer. */
export type VerifiedFiles = ReadonlyMap<string, readonly VerificationRecord[]>;

export async function readVerified(storePath: string, kind: FileKind, group: string): Promise<VerifiedFiles> {
  const records = await readLog(join(storePath, statePaths.verified(kind, group)), isVerificationRecord);
  const byFile = new Map<string, VerificationRecord[]>();
  for (const record of records) {
    const known = byFile.get(record.file);
    if (known) known.push(record);
    else byFile.set(record.file, [record]);
  }
  return byFile;
}

export class VerifiedLog {
  readonly #log: AppendLog<VerificationRecord>;

  constructor(writer: string) {
    this.#log = new AppendLog(writer);
  }

  /** Only after the file is synced. With `sync` the record is, too, when this resolves. */
  async append(
    storePath: string,
    kind: FileKind,
    group: string,
    record: VerificationRecord,
    { sync = false }: { readonly sync?: boolean } = {},
  ): Promise<void> {
    await this.#log.append(join(storePath, statePaths.verified(kind, group)), [record], { sync });
  }
}
