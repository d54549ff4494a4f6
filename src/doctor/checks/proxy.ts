import { definitionOf } from '../../activities/sources/index.ts';
import { readConfig } from '../../config.ts';
import { driveUrl } from '../../domain/dataset/reference-files.ts';
import { proxyFor, proxyName } from '../../domain/network/proxies.ts';
import { type Answer, note, ok } from '../finding.ts';
import type { Question } from '../question.ts';

const CHECK = 'proxy';

/** Through what the sources are asked, by the environment. */
export default async function checkProxy({ source }: Question): Promise<Answer> {
  const { proxies, googleOrigin } = readConfig(process.env);
  const named = definitionOf(source).namedUrls(source);
  const urls = [...named, new URL(googleOrigin ?? driveUrl(''))];
  const ways = urls.map((url) => {
    const proxy = proxyFor(proxies, url);
    return `${url.host} ${proxy === undefined ? 'is asked directly' : `by ${proxyName(proxy)}`}`;
  });
  const findings = [ok(CHECK, [...new Set(ways)].join('; '))];
  if (googleOrigin !== undefined) {
    findings.push(note(CHECK, `FFHQ_GOOGLE_ORIGIN leads all of Google's hosts to ${googleOrigin}`));
  }
  return { findings };
}
