import type { CardFacts } from './card-facts.ts';

/** The dataset as its makers published it. */
export const ffhq = {
  name: 'Flickr-Faces-HQ (FFHQ)',
  url: 'https://github.com/NVlabs/ffhq-dataset',
  license: { url: 'https://creativecommons.org/licenses/by-nc-sa/4.0/', spdx: 'CC-BY-NC-SA-4.0' },
  /** Of the second version of its manifest. */
  published: '2019-06',
  doi: '10.1109/CVPR.2019.00453',
  paper: 'A Style-Based Generator Architecture for Generative Adversarial Networks',
  venue: 'IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)',
  year: 2019,
  pages: [4401, 4410],
  organization: 'NVIDIA Corporation',
} as const;

/** Its creators; the names of no other people stand in what is made here. */
export const authors = [
  { given: 'Tero', family: 'Karras' },
  { given: 'Samuli', family: 'Laine' },
  { given: 'Timo', family: 'Aila' },
] as const;

/** Who made a dataset whose manifest is not NVIDIA's. */
export const unnamedMaker = 'The makers of this dataset, whom its manifest does not name';

export const unstatedLicense =
  'Not stated for this manifest as a whole. Every photograph has a licence of its own, which its record names.';

export const photoRights =
  'Every photograph has an author and a licence of its own (Creative Commons BY 2.0, BY-NC 2.0, Public Domain Mark 1.0, ' +
  'CC0 1.0, or U.S. Government Work), which its record in ffhq-dataset-v2.json names: attribution and the ban on ' +
  'commercial use follow from it. FFHQ as a whole is under CC BY-NC-SA 4.0, which a choice of photographs does not lift.';

const notForRecognition =
  'Not for facial recognition, nor for the development or improvement of it: the makers of FFHQ say so.';

export function titleOf({ manifest, isWhole, records }: CardFacts): string {
  const title = manifest.isOfficial ? ffhq.name : 'Faces in the schema of Flickr-Faces-HQ';
  return isWhole ? title : `${title}: a selection of ${records} ${records === 1 ? 'record' : 'records'}`;
}

export function descriptionOf(facts: CardFacts): string {
  const { manifest, isWhole, removed, records } = facts;
  const what = manifest.isOfficial
    ? 'A copy of Flickr-Faces-HQ, photographs of human faces from Flickr that NVIDIA published in 2019 for research on generative models.'
    : 'Photographs of human faces, described by a manifest in the schema of Flickr-Faces-HQ that is not the one NVIDIA published.';
  const part = isWhole
    ? `All ${records} records of the manifest.`
    : `${records} records of the manifest, chosen; its folders may hold the files of others, too.`;
  const less = removed === 0 ? '' : ` ${removed} records were removed from this copy.`;
  return `${what} ${part}${less} ${photoRights} ${notForRecognition}`;
}

/** What the RAI extension of Croissant asks for; also the body of a dataset card. */
export interface ResponsibleUse {
  readonly dataCollection: string;
  readonly dataCollectionType: readonly string[];
  readonly dataPreprocessingProtocol: readonly string[];
  readonly machineAnnotationTools: readonly string[];
  readonly dataBiases: readonly string[];
  readonly dataLimitations: readonly string[];
  readonly dataUseCases: readonly string[];
  readonly dataSocialImpact: string;
  readonly personalSensitiveInformation: readonly string[];
  readonly dataReleaseMaintenancePlan: string;
}

export function responsibleUse({ manifest, removed }: CardFacts): ResponsibleUse {
  const collected =
    'Photographs were crawled from Flickr in 2018, only those under permissive licences. Faces were found and aligned ' +
    'by dlib; automatic filters thinned them out, and Amazon Mechanical Turk workers took out statues, paintings and photographs of photographs.';
  const unknown =
    'The manifest is not the one that NVIDIA published, so how its photographs were collected is not known to the program that wrote this. Of FFHQ itself: ';
  const gone = removed === 0 ? '' : ` ${removed} records were removed from this copy.`;
  return {
    dataCollection: manifest.isOfficial ? collected : `${unknown}${collected}`,
    dataCollectionType: ['Web Scraping', 'Secondary Data Analysis'],
    dataPreprocessingProtocol: [
      'Each face was cut out of its photograph along a square through eyes and mouth (68 landmarks of dlib), padded where that reaches beyond the photograph, and resized to 1024x1024; thumbnails are 128x128.',
    ],
    machineAnnotationTools: ['dlib: face detection and 68 landmarks'],
    dataBiases: [
      'The biases of Flickr and of those who publish there under permissive licences: places, ages, occasions and skin tones are not those of any population. Of most photographs no country is known.',
      'Only faces that dlib detects, which are mostly frontal and not occluded.',
    ],
    dataLimitations: [
      notForRecognition,
      'There are no labels of identity, age, gender or ethnicity, and nothing was balanced by them. One person, and one photograph, can be in it more than once.',
      photoRights,
    ],
    dataUseCases: [
      'Research on generative models of images and on restoring faces, and its evaluation.',
      notForRecognition,
    ],
    dataSocialImpact:
      'Models of faces can make pictures of people who never existed, and deceive with them. The people in the photographs were not asked; they, and the photographers, can have photographs removed.',
    personalSensitiveInformation: [
      'Faces of identifiable people, children among them.',
      'The manifest holds the names and Flickr accounts of photographers, and titles of photographs, which can name people. This file repeats none of them.',
    ],
    dataReleaseMaintenancePlan:
      `The makers have published no release since June 2019. Whoever wants a photograph out marks it no_cv, makes it private or deletes it on Flickr, and writes to NVIDIA, as ${ffhq.url} says.${gone} ` +
      'The MAJOR part of the version rises with every record that is removed from this copy.',
  };
}
