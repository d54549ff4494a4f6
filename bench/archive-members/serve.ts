/** A zip of many pictures on this machine, that is nowhere as a whole; a process of its own. Usage: serve.ts MEMBERS BYTES */
import { zipOf } from '../../src/stand-in/archives/zip-of.ts';
import { startDriveStandIn } from '../../src/stand-in/drive-stand-in.ts';
import { memberBytes, nameOf } from './members.ts';

const [count = 0, size = 0] = process.argv.slice(2).map(Number);
const members = Array.from({ length: count }, (_, id) => ({
  name: nameOf(id),
  size,
  open: (start: number, end: number) => memberBytes(id, size).subarray(start, end),
}));
const zip = zipOf(members, { name: 'all.zip', path: 'all.zip', etag: '"1"' });
const standIn = await startDriveStandIn({ files: new Map([['zip', zip]]) });
process.on('message', () => {
  const sent = standIn.requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  process.send?.({ sent, requests: standIn.requests.length });
});
process.on('disconnect', () => process.exit());
process.send?.({ origin: standIn.origin, bytes: zip.size });
