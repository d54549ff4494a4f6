/** How faces are cut; the reference's flags. */
export interface AlignOptions {
  /** Turn the face upright; `--no-rotation` keeps the original's orientation. */
  readonly rotateLevel: boolean;
  /** Standard deviation of the crop's random shift, in sides of the quad; 0: none. */
  readonly randomShift: number;
  /** Draw again, up to 1000 times, until the shifted crop lies inside the picture. */
  readonly retryCrops: boolean;
  /** Blur-pad outside and near the borders; `--no-padding` leaves black there. */
  readonly enablePadding: boolean;
}

/** The options of the published aligned pictures. */
export const defaultAlignOptions: AlignOptions = {
  rotateLevel: true,
  randomShift: 0,
  retryCrops: false,
  enablePadding: true,
};

/** Are results comparable with the manifest's `image.pixel_md5`? */
export function isDefaultMode(options: AlignOptions): boolean {
  return options.rotateLevel && options.randomShift === 0 && options.enablePadding;
}
