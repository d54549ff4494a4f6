/** A hub with tars of many small pictures on this machine, none of them anywhere as a whole. Usage: serve.ts TARS MEMBERS BYTES */
import { tarOf } from '../../src/stand-in/archives/tar-of.ts';
import { startHubStandIn } from '../../src/stand-in/hub/hub-stand-in.ts';
import { memberBytes } from '../archive-members/members.ts';
import { nameOf, REPO, REVISION, tarNameOf } from './tars.ts';

const [tars = 0, count = 0, size = 0] = process.argv.slice(2).map(Number);
const files = new Map(
  Array.from({ length: tars }, (_, tar) => {
    const members = Array.from({ length: count }, (_, nth) => {
      const bytes = memberBytes(1_000 * tar + nth, size);
      const open = (start: number, end: number) => bytes.subarray(start, end);
      return { name: nameOf(1_000 * tar + nth), size, open };
    });
    const path = tarNameOf(tar);
    return [path, tarOf(members, { name: path, path, etag: `"${tar}"` })] as const;
  }),
);
const hub = await startHubStandIn({ files, repo: REPO, revision: REVISION });
process.on('message', () => {
  process.send?.({ requests: hub.requests.filter(({ path }) => path.includes('/resolve/')).length });
});
process.on('disconnect', () => process.exit());
process.send?.({ origin: hub.origin, byteHost: hub.byteHost });
