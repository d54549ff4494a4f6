import { type ImageKind, isNeededBy, type ShardKind } from '../../domain/kinds.ts';
import { readCropSummary } from '../manifest/crop-files.ts';
import { manifestLost } from '../records/line-cache.ts';
import type { ShardSurvey, ShardSurveyor, SurveyQuestion } from './shard-survey.ts';
import { surveyFaces } from './survey-faces.ts';
import { surveyPictures } from './survey-pictures.ts';

/** The acting half of the kinds' table (`domain/kinds.ts`): how each kind that comes in shards is compared with the disk. */
export const surveyors: Readonly<Record<ShardKind, ShardSurveyor>> = {
  images: pictures('images'),
  thumbs: pictures('thumbs'),
  wilds: {
    ...pictures('wilds'),
    survey: surveyOriginals,
  },
  align: {
    folders: async ({ crops, caches }) => {
      const summary = crops === undefined ? undefined : await readCropSummary(crops, caches.seal);
      if (summary === undefined) throw manifestLost(crops ?? '', 'crops without a summary');
      return summary.folders;
    },
    survey: surveyFaces,
  },
};

/** What a picture was made of may be gone once that is done, whatever this run thinks of records. */
async function surveyOriginals(question: SurveyQuestion): Promise<ShardSurvey> {
  const { request, run } = question;
  if (!request.align?.discardOriginals) return surveyPictures(question);
  const asked = { ...request, trust: 'records', fetch: 'nothing' } as const;
  const { done, pictures: made } = await surveyFaces({ ...question, request: asked, kind: 'align' });
  const originals = await surveyPictures(question, done);
  if (!isNeededBy(question.kind, request.kinds)) return originals;
  const missing = new Set(originals.unfinished.map(({ id }) => id));
  const lookFirst = made.filter(({ id, known }) => {
    // Whoever only looks comes to every picture in its turn; but of one that nothing is known of, nobody can say that it was
    // made of what is missing.
    if (request.fetch === 'nothing') return missing.has(id) && known === undefined;
    if (request.trust === 'contents') return known?.run !== run;
    return missing.has(id) && !done.has(id) && known?.how !== 'damaged';
  });
  return { ...originals, lookFirst };
}

function pictures(kind: ImageKind): ShardSurveyor {
  return {
    folders: async (_store, summary) => summary.kinds[kind].folders,
    survey: (question) => surveyPictures(question),
  };
}
