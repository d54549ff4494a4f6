import { TEMPORAL_CLI_VERSION } from './version.ts';

/** An archive of the official release, and what it has to be. */
export interface ReleaseArchive {
  /** Asked in turn: the same file. */
  readonly urls: readonly URL[];
  readonly sha256: string;
}

/**
 * The release's own, as several projects that pin it agree on them; a wrong one would refuse a good archive, never believe
 * a bad one. The names hold the version: raising it without these leaves nothing to download, since nothing is downloaded
 * that cannot be checked.
 */
const sha256Of: Readonly<Record<string, string>> = {
  'temporal_cli_1.8.2_darwin_amd64.tar.gz':
    '489d7f5420cae02b559774ac23df035141954c33a51dba96f5759a0ddccdf1b6',
  'temporal_cli_1.8.2_darwin_arm64.tar.gz':
    'dacdc3587682c04cf27e67c8878ca2d755230b6ad63c0c6ebddd7348ae90ed94',
  'temporal_cli_1.8.2_linux_amd64.tar.gz': 'd8421bda989e6514b4bdb4d63a9012a8a05a806892e881a5aad8510496349a94',
  'temporal_cli_1.8.2_linux_arm64.tar.gz': '83600a8fac6e3da54093e5da6918d399f501532b9f1172235603f9606f4ac6e4',
};

const homes = ['https://github.com', 'https://temporal.download/assets'];

/** Go's names for Node's. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** The pinned release's archive for a machine; undefined where its SHA-256 is not known here. */
export function releaseArchive(platform: string, arch: string): ReleaseArchive | undefined {
  const name = `temporal_cli_${TEMPORAL_CLI_VERSION}_${platform}_${architectures[arch]}.tar.gz`;
  const sha256 = sha256Of[name];
  if (sha256 === undefined) return undefined;
  const path = `temporalio/cli/releases/download/v${TEMPORAL_CLI_VERSION}/${name}`;
  return { urls: homes.map((home) => new URL(`${home}/${path}`)), sha256 };
}
