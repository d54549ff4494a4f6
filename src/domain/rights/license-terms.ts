import type { LicenseWord } from '../selection/licenses.ts';

/** What a licence asks of whoever uses a photograph: said shortly, and no advice of a lawyer. */
export interface LicenseTerms {
  /** Must the author be named? */
  readonly attribution: boolean;
  readonly commercial: boolean;
  /** Must what was changed be said? All of these allow changes. */
  readonly saysChanges: boolean;
  readonly asks: string;
}

export const licenseTerms = {
  by: {
    attribution: true,
    commercial: true,
    saysChanges: true,
    asks: 'name the author, link the licence, say what was changed',
  },
  'by-nc': {
    attribution: true,
    commercial: false,
    saysChanges: true,
    asks: 'name the author, link the licence, say what was changed; no commercial use',
  },
  pdm: {
    attribution: false,
    commercial: true,
    saysChanges: false,
    asks: 'nothing: free of known copyright, says whoever marked it',
  },
  cc0: {
    attribution: false,
    commercial: true,
    saysChanges: false,
    asks: 'nothing: the author has waived all rights',
  },
  'us-gov': {
    attribution: false,
    commercial: true,
    saysChanges: false,
    asks: 'nothing in the United States; other countries may differ',
  },
} as const satisfies Record<LicenseWord, LicenseTerms>;

/** Of these `--only-commercial` is. */
export function allowsCommercialUse(word: LicenseWord): boolean {
  return licenseTerms[word].commercial;
}
