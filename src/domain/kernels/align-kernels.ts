import type { Box, Pad, Picture, Quad, Size } from './picture.ts';

/**
 * The pixel work of the recipe. There are two of a kind, with the same results to the last bit: plain TypeScript, which
 * runs everywhere, and WebAssembly SIMD. A result is the caller's own until the next call of the same kernel: the SIMD
 * kind hands out views of its memory.
 */
export interface Kernels {
  readonly name: 'plain' | 'simd';

  /**
   * Pillow's `Image.resize(target, LANCZOS)` of a whole picture of size `whole`, of which only `window` (a box of the
   * target) is made. `source` is the part of the whole at `sourceBox`; it must hold what {@link lanczosSupport} asks for.
   */
  resample(source: Picture, sourceBox: Box, whole: Size, target: Size, window: Box): Picture;

  /**
   * The reference's padding: `np.pad(mode='reflect')`, towards the edge blended into its Gaussian blur (`sigma` pixels)
   * and then into the median per channel, all in float32, rounded back to 8 bits. The result is
   * `pad.left + width + pad.right` by `pad.top + height + pad.bottom`. With `corners`, only what {@link sampleQuad} may look
   * at to sample that quad need be right.
   */
  padAndBlend(crop: Picture, pad: Pad, sigma: number, corners?: Quad): Picture;

  /**
   * Pillow's `transform((transformSize,) * 2, QUAD, corners, BILINEAR)` and, where `outputSize < transformSize`,
   * `resize((outputSize,) * 2, LANCZOS)` of that. `corners` are in pixels of `source` as Pillow takes them (the recipe's quad + 0.5).
   */
  sampleQuad(source: Picture, corners: Quad, transformSize: number, outputSize: number): Picture;
}
