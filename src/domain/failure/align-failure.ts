/**
 * Why a face was not aligned, or not to the published pixels, as data.
 *
 * | reason | what was seen |
 * |---|---|
 * | different | aligned and stored, but its pixels are not the ones that the manifest names |
 * | different-file | identical pixels, but not the published file byte for byte (only with --file-identical) |
 * | missing-original | no in-the-wild picture where it should lie |
 * | wrong-original | the in-the-wild picture is not the one that the manifest names |
 * | unsupported-original | a kind of picture that the recipe is not defined for: grey, palette, alpha, 16 bit |
 * | undecodable-original | it breaks off or is damaged |
 * | bad-landmarks | not 68 pairs of finite numbers |
 * | degenerate-face | its landmarks span no area |
 * | rejected-crop | --retry-crops drew 1000 crops and none lay inside the picture |
 * | crop-outside | the crop lies beside the picture, with nothing of it inside |
 * | out-of-memory | the thread could not get the memory that this picture needs |
 * | thread-died | the thread that aligned it came to an end |
 */
export const alignFailureReasons = [
  'different',
  'different-file',
  'missing-original',
  'wrong-original',
  'unsupported-original',
  'undecodable-original',
  'bad-landmarks',
  'degenerate-face',
  'rejected-crop',
  'crop-outside',
  'out-of-memory',
  'thread-died',
] as const;
export type AlignFailureReason = (typeof alignFailureReasons)[number];

export interface AlignFailure {
  readonly reason: AlignFailureReason;
  /** One line for people. */
  readonly detail: string;
}
