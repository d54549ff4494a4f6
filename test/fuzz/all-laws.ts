import type { Law } from './law.ts';
import { activities } from './laws/activities.ts';
import { tarIndexes, tars, zips } from './laws/archives.ts';
import { folderCards, owners } from './laws/cards.ts';
import { exclusionLists, ledgers } from './laws/exclusions.ts';
import { heartbeats } from './laws/heartbeats.ts';
import { activityInputs, paths, payloads } from './laws/inputs.ts';
import { faces, landmarkFiles } from './laws/landmarks.ts';
import { manifestFiles, manifestMembers, manifestRecords } from './laws/manifest.ts';
import { contentRanges } from './laws/network/content-ranges.ts';
import { cookieFiles } from './laws/network/cookie-files.ts';
import { driveIds, googleApi } from './laws/network/google-api.ts';
import { googleLogins, redirectsBack } from './laws/network/google-logins.ts';
import { httpHeads } from './laws/network/http-heads.ts';
import { drivePages, pageSketches } from './laws/network/pages.ts';
import { photographs, pngFiles, pngRows, webpHeaders } from './laws/pictures/png.ts';
import { zlibStreams } from './laws/pictures/zlib-streams.ts';
import { plans, selections } from './laws/plans.ts';
import { quotedLines, quotedMarkdown, quotedText, quotedValues } from './laws/quoting.ts';
import { quotedCsv, quotedHtml, quotedInline } from './laws/quoting-files.ts';
import { failureNotes, seals, verifiedRecords } from './laws/records.ts';
import { slices } from './laws/slices.ts';
import { tfrecordFiles } from './laws/tfrecords.ts';

/** In the order in which what they are about comes in. */
export const allLaws: readonly Law[] = [
  ...[activityInputs, activities, paths, payloads, heartbeats],
  ...[manifestMembers, manifestRecords, manifestFiles, landmarkFiles, faces],
  ...[folderCards, owners, seals, verifiedRecords, failureNotes, slices],
  ...[plans, selections, exclusionLists, ledgers],
  ...[httpHeads, contentRanges, cookieFiles, drivePages, pageSketches],
  ...[zips, tars, tarIndexes],
  ...[googleApi, driveIds, googleLogins, redirectsBack],
  ...[zlibStreams, pngRows, pngFiles, photographs, webpHeaders, tfrecordFiles],
  ...[quotedText, quotedLines, quotedValues, quotedMarkdown],
  ...[quotedHtml, quotedCsv, quotedInline],
];
