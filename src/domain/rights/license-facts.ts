import type { LicenseWord } from '../selection/licenses.ts';

export interface LicenseFacts {
  readonly name: string;
  /** Of the SPDX License List; `LicenseRef-` where that has none. */
  readonly spdx: string;
  readonly url: string;
}

/** The licences of the dataset's photographs, in the order in which they are told: most photographs first. */
export const licenseFacts = {
  by: {
    name: 'Creative Commons Attribution 2.0',
    spdx: 'CC-BY-2.0',
    url: 'https://creativecommons.org/licenses/by/2.0/',
  },
  'by-nc': {
    name: 'Creative Commons Attribution-NonCommercial 2.0',
    spdx: 'CC-BY-NC-2.0',
    url: 'https://creativecommons.org/licenses/by-nc/2.0/',
  },
  pdm: {
    name: 'Public Domain Mark 1.0',
    spdx: 'CC-PDM-1.0',
    url: 'https://creativecommons.org/publicdomain/mark/1.0/',
  },
  cc0: {
    name: 'Creative Commons Zero 1.0, Public Domain Dedication',
    spdx: 'CC0-1.0',
    url: 'https://creativecommons.org/publicdomain/zero/1.0/',
  },
  'us-gov': {
    name: 'United States Government Work',
    spdx: 'LicenseRef-US-Government-Work',
    url: 'https://www.usa.gov/copyright.shtml',
  },
} as const satisfies Record<LicenseWord, LicenseFacts>;
