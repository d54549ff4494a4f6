/** Memory that a process needs more once it has looked 70,000 members of a zip up. Usage: look-up.ts ORIGIN */
import { ArchiveShelf } from '../../src/activities/sources/archive/archive-shelf.ts';
import { httpAccess } from '../../src/activities/sources/archive/http-access.ts';
import { makeHttpClient } from '../../src/activities/sources/http/client.ts';
import { pickMember } from '../../src/domain/archive/pick-member.ts';
import { nameOf } from './members.ts';

const [origin = ''] = process.argv.slice(2);
const http = makeHttpClient({ connections: 1 });
const access = httpAccess(new URL(`${origin}/all.zip`), { http, allowedHosts: [] });
const never = new AbortController().signal;
await access.look(never);
const peak = () => process.resourceUsage().maxRSS / 1024;
const [before, began] = [peak(), performance.now()];
const opened = await new ArchiveShelf().open('zip', access, never);
if (opened.status === 'failed') throw new Error(opened.failure.detail);
const [read, readPeak] = [performance.now(), peak()];
for (let id = 0; id < 70_000; id++) {
  const picked = pickMember(opened.table, access.name, { path: nameOf(id) });
  if (picked.status !== 'found' || picked.name !== nameOf(id))
    throw new Error(`member ${id}: expected it, got another`);
}
const found = performance.now();
console.log(
  `70,000 members: directory read in ${(read - began).toFixed(0)} ms, each looked up in ${(found - read).toFixed(0)} ms; ` +
    `${(readPeak - before).toFixed(1)} MB more at the highest then, ${(peak() - before).toFixed(1)} MB in the end, ${(opened.table.bytes / 1024 ** 2).toFixed(1)} MB of them kept`,
);
await http.close();
