import { kinds, type ShardKind } from '../kinds.ts';
import { formatBytes, formatCount, formatPercent } from '../words/format.ts';
import { type CardFacts, type PictureFacts, pictureWords } from './card-facts.ts';
import { descriptionOf, ffhq, photoRights, responsibleUse, titleOf } from './card-words.ts';

/** A dataset card as the Hugging Face hub has them: front matter in YAML, then Markdown. All of its words are ours. */
export function datasetCard(facts: CardFacts): string {
  const use = responsibleUse(facts);
  return `${[
    '---',
    ...frontMatter(facts),
    '---',
    '',
    `# ${titleOf(facts)}`,
    '',
    descriptionOf(facts),
    '',
    `Version ${facts.version}, described ${facts.made.slice(0, 10)} by ${facts.program}. Source: <${ffhq.url}>.`,
    '',
    '## What is in it',
    '',
    '| part | records | share |',
    '|---|--:|--:|',
    ...shares(facts.categories, facts.records),
    '',
    '| licence of the photograph | records | share |',
    '|---|--:|--:|',
    ...shares(facts.licenses, facts.records, licenseNames),
    '',
    '| files | what | number | size | verified |',
    '|---|---|--:|--:|--:|',
    ...facts.pictures.map(pictureRow),
    '',
    `The manifest \`ffhq-dataset-v2.json\` (${formatBytes(facts.manifest.bytes)}, MD5 \`${facts.manifest.md5}\`) has for each record the photograph, its author and licence, the files and their digests.`,
    '',
    '## Rights',
    '',
    photoRights,
    '',
    '## How it was made',
    '',
    use.dataCollection,
    '',
    ...use.dataPreprocessingProtocol,
    '',
    '## Use',
    '',
    ...use.dataUseCases.map((line) => `- ${line}`),
    '',
    '## Biases and limits',
    '',
    ...[...use.dataBiases, use.dataLimitations[1] ?? ''].map((line) => `- ${line}`),
    '',
    '## People in it',
    '',
    ...use.personalSensitiveInformation.map((line) => `- ${line}`),
    `- ${use.dataSocialImpact}`,
    '',
    '## Maintenance',
    '',
    use.dataReleaseMaintenancePlan,
    '',
    '## Citation',
    '',
    `Karras, Laine, Aila: ${ffhq.paper}. CVPR ${ffhq.year}. <https://doi.org/${ffhq.doi}>`,
  ].join('\n')}\n`;
}

/** Plain text of ours, in the quotes of YAML. */
function text(words: string): string {
  return JSON.stringify(words);
}

function frontMatter(facts: CardFacts): readonly string[] {
  const { manifest, records, pictures } = facts;
  const license = manifest.isOfficial
    ? ['license: cc-by-nc-sa-4.0']
    : ['license: other', 'license_name: not-stated', `license_link: ${ffhq.url}`];
  const configs = pictures.filter(({ kind }) => configNames[kind] !== undefined);
  return [
    ...license,
    `pretty_name: ${text(titleOf(facts))}`,
    `size_categories:\n- ${sizeCategory(records)}`,
    'task_categories:\n- unconditional-image-generation',
    'annotations_creators:\n- machine-generated',
    'source_datasets:\n- original',
    'tags:\n- faces\n- ffhq',
    ...(configs.length === 0 ? [] : ['configs:', ...configs.flatMap((one) => config(one, facts))]),
    `extra_gated_prompt: ${text(`These are faces of people who were not asked. ${photoRights} This dataset is not for facial recognition, nor for the development or improvement of it.`)}`,
  ];
}

const sizes = [
  [1_000, 'n<1K'],
  [10_000, '1K<n<10K'],
  [100_000, '10K<n<100K'],
] as const;

function sizeCategory(records: number): string {
  return sizes.find(([below]) => records < below)?.[1] ?? '100K<n<1M';
}

/** NVIDIA's own split goes by the thousand-folders, which aligned pictures share with it as long as all records are there. */
function config({ kind, folder }: PictureFacts, { manifest, categories }: CardFacts): readonly string[] {
  const isSplit = manifest.isOfficial && categories.training > 0 && categories.validation > 0;
  const splits = isSplit
    ? [
        ['train', `${folder}/[0-5][0-9]000/*.png`],
        ['validation', `${folder}/6[0-9]000/*.png`],
      ]
    : [
        [
          categories.validation > 0 && categories.training === 0 ? 'validation' : 'train',
          `${folder}/*/*.png`,
        ],
      ];
  return [
    `- config_name: ${folder === kinds[kind].folder ? configNames[kind] : text(folder)}`,
    '  data_files:',
    ...splits.flatMap(([split, path]) => [`  - split: ${split}`, `    path: ${text(path ?? '')}`]),
  ];
}

/** What a reader loads by; original photographs have too many sizes for that. */
const configNames: Readonly<Record<ShardKind, string | undefined>> = {
  images: 'images',
  thumbs: 'thumbnails',
  wilds: undefined,
  align: 'aligned',
};

const licenseNames: Readonly<Record<keyof CardFacts['licenses'], string>> = {
  by: 'CC BY 2.0 (`CC-BY-2.0`)',
  'by-nc': 'CC BY-NC 2.0 (`CC-BY-NC-2.0`)',
  pdm: 'Public Domain Mark 1.0 (`CC-PDM-1.0`)',
  cc0: 'CC0 1.0 (`CC0-1.0`)',
  'us-gov': 'U.S. Government Work',
  other: 'another, or none named',
};

function shares(
  counts: Readonly<Record<string, number>>,
  all: number,
  names: Readonly<Record<string, string>> = {},
): readonly string[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(
      ([name, count]) => `| ${names[name] ?? name} | ${formatCount(count)} | ${formatPercent(count / all)} |`,
    );
}

function pictureRow({ kind, folder, files, bytes, verified }: PictureFacts): string {
  return `| \`${folder}/\` | ${pictureWords[kind]} | ${formatCount(files)} | ${formatBytes(bytes)} | ${formatCount(verified)} |`;
}
