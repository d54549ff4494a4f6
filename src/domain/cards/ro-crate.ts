import { MANIFEST_FILE } from '../dataset/layout.ts';
import { type CardFacts, type FileFacts, pictureWords } from './card-facts.ts';
import {
  authors,
  descriptionOf,
  ffhq,
  responsibleUse,
  titleOf,
  unnamedMaker,
  unstatedLicense,
} from './card-words.ts';

const SPECIFICATION = 'https://w3id.org/ro/crate/1.3';
const NVIDIA = 'https://www.nvidia.com/';
const PAPER = `https://doi.org/${ffhq.doi}`;

/** `ro-crate-metadata.json`: an attached RO-Crate 1.3 whose root is the dataset folder. */
export function roCrateOf(facts: CardFacts): object {
  const { manifest, made, program, version } = facts;
  const files = [manifestFile(facts), ...facts.files].map(fileEntity);
  const folders = facts.pictures.map(({ kind, folder, files: count, bytes, verified }) => ({
    '@id': `${folder}/`,
    '@type': 'Dataset',
    name: folder,
    description: `${pictureWords[kind]}. ${count} files, ${bytes} bytes, ${verified} files of them verified.`,
  }));
  const license = manifest.isOfficial
    ? {
        '@id': ffhq.license.url,
        '@type': 'CreativeWork',
        name: ffhq.license.spdx,
        description: 'Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International',
      }
    : { '@id': '#license', '@type': 'CreativeWork', name: 'Not stated', description: unstatedLicense };
  const nvidia = { '@id': NVIDIA, '@type': 'Organization', name: ffhq.organization, url: NVIDIA };
  const people = authors.map(({ given, family }) => ({
    '@id': `#${family.toLowerCase()}`,
    '@type': 'Person',
    name: `${given} ${family}`,
    givenName: given,
    familyName: family,
    affiliation: ref(nvidia),
  }));
  const maker = { '@id': '#maker', '@type': 'Organization', name: unnamedMaker };
  const creators = manifest.isOfficial ? people : [maker];
  const use = responsibleUse(facts);
  return {
    '@context': `${SPECIFICATION}/context`,
    '@graph': [
      {
        '@id': 'ro-crate-metadata.json',
        '@type': 'CreativeWork',
        conformsTo: { '@id': SPECIFICATION },
        about: { '@id': './' },
      },
      {
        '@id': './',
        '@type': 'Dataset',
        name: titleOf(facts),
        description: descriptionOf(facts),
        // When this copy was described; the dataset itself is of 2019.
        datePublished: made.slice(0, 10),
        version,
        license: ref(license),
        creator: oneOrMore(creators.map(ref)),
        publisher: ref(manifest.isOfficial ? nvidia : maker),
        citation: { '@id': PAPER },
        isBasedOn: { '@id': ffhq.url },
        keywords: ['faces', 'Flickr', 'FFHQ', 'generative models'],
        conditionsOfAccess: use.dataLimitations.join(' '),
        hasPart: oneOrMore([...files, ...folders].map(ref)),
        mentions: { '@id': '#described' },
      },
      ...files,
      ...folders,
      license,
      ...creators,
      ...(manifest.isOfficial ? [] : people),
      nvidia,
      {
        '@id': ffhq.url,
        '@type': 'CreativeWork',
        name: ffhq.name,
        description: 'The dataset as its makers published it',
        url: ffhq.url,
      },
      {
        '@id': PAPER,
        '@type': 'ScholarlyArticle',
        name: ffhq.paper,
        author: people.map(ref),
        datePublished: String(ffhq.year),
        identifier: PAPER,
      },
      {
        '@id': '#described',
        '@type': 'CreateAction',
        name: `The folder was described by ${program}`,
        endTime: made,
        object: { '@id': MANIFEST_FILE },
        result: { '@id': 'ro-crate-metadata.json' },
      },
    ],
  };
}

/** A list of one is written as that one. */
function oneOrMore<Value>(values: readonly Value[]): Value | readonly Value[] {
  const [first, ...others] = values;
  return first !== undefined && others.length === 0 ? first : values;
}

function ref({ '@id': id }: { readonly '@id': string }): { readonly '@id': string } {
  return { '@id': id };
}

function manifestFile({ manifest }: CardFacts): FileFacts {
  return {
    path: MANIFEST_FILE,
    what: 'The manifest: for each record its photograph, author, licence, files and their digests',
    encoding: 'application/json',
    bytes: manifest.bytes,
    sha256: manifest.sha256,
  };
}

function fileEntity({ path, what, encoding, bytes, sha256, md5 }: FileFacts) {
  return {
    '@id': path,
    '@type': 'File',
    name: path,
    description: what,
    encodingFormat: encoding,
    contentSize: String(bytes),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(md5 === undefined ? {} : { identifier: `md5:${md5}` }),
  };
}
