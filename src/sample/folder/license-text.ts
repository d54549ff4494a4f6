/** What LICENSE.txt says, in each of its folders. */
export const licenseText = `Sample of the Flickr-Faces-HQ dataset's form: synthetic pictures

The pictures, landmarks and digests in this folder were drawn and computed by a program. They show nobody. The names,
titles, accounts, dates, places and licences in ffhq-dataset-v2.json are invented to exercise software; they do not
refer to any person, photograph or account. None of it is part of the Flickr-Faces-HQ dataset.

To the extent possible under law, all copyright and related or neighbouring rights to these files are waived, as in
CC0 1.0 Universal: https://creativecommons.org/publicdomain/zero/1.0/
`;
