import type { Picture } from '../../domain/raster/picture.ts';
import { frameOf } from '../../domain/tfrecord/frame.ts';

/**
 * A picture as a record of the reference's files: a `tf.train.Example` with `data`, its samples channel by channel, and `shape`,
 * framed.
 */
export function pictureRecord({ width, height, data }: Picture): Uint8Array {
  const planes = new Uint8Array(data.length);
  const pixels = width * height;
  for (let at = 0; at < data.length; at++) planes[(at % 3) * pixels + Math.floor(at / 3)] = data[at] ?? 0;
  // BytesList bytes_list = 1 { bytes value = 1 }; Int64List int64_list = 3 { packed int64 value = 1 }.
  const bytes = field(1, field(1, planes));
  const shape = field(3, field(1, Buffer.concat([3, height, width].map(varint))));
  const features = [mapEntry('data', bytes), mapEntry('shape', shape)];
  return frameOf(field(1, Buffer.concat(features)));
}

/** `map<string, Feature> feature = 1`. */
function mapEntry(key: string, feature: Uint8Array): Uint8Array {
  return field(1, Buffer.concat([field(1, Buffer.from(key)), field(2, feature)]));
}

/** A field of bytes. */
function field(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return Uint8Array.from([...bytes, left]);
    bytes.push((left & 0x7f) | 0x80);
  }
}
