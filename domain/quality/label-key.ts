/** How a prediction is named: by whoever called, or by SageMaker. */
export type IdKind = 'inference' | 'event';

/**
 * A number for an id and the row of its request: predictions and their outcomes are joined by it. 53 bits, so that it is a double
 * and a million of them sort in a fraction of a second; two different ids of a million meet once in ten thousand windows.
 *
 * @param row of the request, from 0
 */
export const labelKey = (kind: IdKind, id: string, row: number): number =>
  hash53(`${kind === 'inference' ? 'i' : 'e'}${row}\n${id}`);

/** Where an id lies between 0 and 1, the same for ever: what a sample of predictions is drawn by. */
export const fractionOf = (id: string): number => hash53(`s\n${id}`) / 2 ** 53;

/**
 * Two multiplicative hashes over UTF-16 code units, mixed at the end.
 *
 * @see Appleby's MurmurHash3 finalizer, public domain
 */
function hash53(text: string): number {
  let a = 0x9e3779b9 | 0;
  let b = 0x85ebca6b | 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    b = Math.imul(b ^ unit, 0x5f356495);
    a = (a << 13) | (a >>> 19);
    b = (b << 17) | (b >>> 15);
  }
  return (mixed(b ^ a) & 0x1fffff) * 2 ** 32 + (mixed(a ^ text.length) >>> 0);
}

function mixed(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
