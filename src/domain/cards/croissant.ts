import { MANIFEST_FILE } from '../dataset/layout.ts';
import { type CardFacts, type FileFacts, type PictureFacts, pictureWords } from './card-facts.ts';
import {
  authors,
  descriptionOf,
  ffhq,
  responsibleUse,
  titleOf,
  unnamedMaker,
  unstatedLicense,
} from './card-words.ts';

/** The context of Croissant 1.1, in its readers' own order, with the terms of RAI and of provenance. */
const context = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  arrayShape: 'cr:arrayShape',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  containedIn: 'cr:containedIn',
  cr: 'http://mlcommons.org/croissant/',
  rai: 'http://mlcommons.org/croissant/RAI/',
  prov: 'http://www.w3.org/ns/prov#',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  description: { '@container': '@language' },
  equivalentProperty: 'cr:equivalentProperty',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileProperty: 'cr:fileProperty',
  fileObject: 'cr:fileObject',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isArray: 'cr:isArray',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  name: { '@container': '@language' },
  parentField: 'cr:parentField',
  path: 'cr:path',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  samplingRate: 'cr:samplingRate',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
} as const;

/** `croissant.json`: Croissant 1.1 with RAI. Its paths are relative to the dataset folder. */
export function croissantOf(facts: CardFacts): object {
  const { manifest, version, made, program } = facts;
  const use = responsibleUse(facts);
  return {
    '@context': context,
    '@type': 'sc:Dataset',
    conformsTo: ['http://mlcommons.org/croissant/1.1', 'http://mlcommons.org/croissant/RAI/1.0'],
    name: titleOf(facts),
    description: descriptionOf(facts),
    url: ffhq.url,
    license: manifest.isOfficial ? ffhq.license.url : unstatedLicense,
    creator: manifest.isOfficial
      ? authors.map(({ given, family }) => ({
          '@type': 'sc:Person',
          name: `${given} ${family}`,
          affiliation: { '@type': 'sc:Organization', name: ffhq.organization },
        }))
      : [{ '@type': 'sc:Organization', name: unnamedMaker }],
    ...(manifest.isOfficial ? { publisher: { '@type': 'sc:Organization', name: ffhq.organization } } : {}),
    // Of another manifest nobody says when it was published: this is when the folder was described.
    datePublished: manifest.isOfficial ? ffhq.published : made.slice(0, 10),
    dateModified: made.slice(0, 10),
    version,
    citeAs: citeAs(),
    keywords: ['faces', 'Flickr', 'FFHQ', 'generative models'],
    'prov:wasDerivedFrom': { '@id': ffhq.url },
    'prov:wasGeneratedBy': {
      '@type': 'prov:Activity',
      'prov:endedAtTime': made,
      'prov:wasAssociatedWith': { '@type': 'prov:SoftwareAgent', name: program },
    },
    ...(manifest.isOfficial
      ? { 'prov:wasAttributedTo': { '@type': 'prov:Organization', name: ffhq.organization } }
      : {}),
    ...Object.fromEntries(Object.entries(use).map(([term, words]) => [`rai:${term}`, words])),
    distribution: [
      {
        ...fileObject({
          path: MANIFEST_FILE,
          what: 'The manifest: for each record its photograph, author, licence, files and their digests',
          encoding: 'application/json',
          bytes: manifest.bytes,
          sha256: manifest.sha256,
        }),
      },
      ...facts.files.map(fileObject),
      ...facts.pictures.map(fileSet),
    ],
    recordSet: [recordSet(), ...facts.pictures.map(pictureSet)],
  };
}

function citeAs(): string {
  const names = authors.map(({ given, family }) => `${family}, ${given}`).join(' and ');
  return `@inproceedings{karras2019style, title={${ffhq.paper}}, author={${names}}, booktitle={${ffhq.venue}}, pages={${ffhq.pages.join('--')}}, year={${ffhq.year}}, doi={${ffhq.doi}}}`;
}

function fileObject({ path, what, encoding, bytes, sha256, md5 }: FileFacts): object {
  return {
    '@type': 'cr:FileObject',
    '@id': path,
    name: path,
    description: what,
    contentUrl: path,
    contentSize: `${bytes} B`,
    encodingFormat: encoding,
    ...(sha256 === undefined ? { md5 } : { sha256 }),
  };
}

function fileSet({ kind, folder, files, verified }: PictureFacts): object {
  return {
    '@type': 'cr:FileSet',
    '@id': folder,
    name: folder,
    description: `${pictureWords[kind]}. ${files} files, ${verified} of them verified.`,
    encodingFormat: 'image/png',
    includes: `${folder}/*/*.png`,
  };
}

/** What a reader needs to obey licences, by its path in the manifest. */
const fields = [
  ['category', '$.*.category', 'training or validation, as the makers split them'],
  ['photo_url', '$.*.metadata.photo_url', "The photograph's page on Flickr"],
  ['license', '$.*.metadata.license', "Flickr's name of the photograph's licence"],
  ['license_url', '$.*.metadata.license_url', "Text of the photograph's licence"],
  ['country', '$.*.metadata.country', 'Where the photograph was taken; empty: unknown'],
] as const;

function recordSet(): object {
  return {
    '@type': 'cr:RecordSet',
    '@id': 'records',
    name: 'records',
    description: 'A record for each face, in the order of the manifest',
    field: fields.map(([name, jsonPath, description]) => ({
      '@type': 'cr:Field',
      '@id': `records/${name}`,
      name: `records/${name}`,
      description,
      dataType: 'sc:Text',
      source: { fileObject: { '@id': MANIFEST_FILE }, extract: { jsonPath } },
    })),
  };
}

function pictureSet({ kind, folder }: PictureFacts): object {
  const name = `${folder}-files`;
  return {
    '@type': 'cr:RecordSet',
    '@id': name,
    name,
    description: pictureWords[kind],
    field: [
      {
        '@type': 'cr:Field',
        '@id': `${name}/name`,
        name: `${name}/name`,
        description: 'Name of the file: the number of its record',
        dataType: 'sc:Text',
        source: { fileSet: { '@id': folder }, extract: { fileProperty: 'filename' } },
      },
      {
        '@type': 'cr:Field',
        '@id': `${name}/image`,
        name: `${name}/image`,
        description: 'The picture',
        dataType: 'sc:ImageObject',
        source: { fileSet: { '@id': folder }, extract: { fileProperty: 'content' } },
      },
    ],
  };
}
