import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UNCOMMON } from '../../../domain/capture/cells.ts';
import { Literal, Passage, textEnd } from '../../../domain/capture/passage.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Bytes that differ in little, so that near misses are common. */
const bytes = fc.array(fc.constantFrom(0x61, 0x62, 0xe1, 0x21), { maxLength: 24 }).map((all) => Uint8Array.from(all));
const anyBytes = fc.uint8Array({ maxLength: 24 });

describe('bytes that are compared by words', () => {
  it('are a literal exactly where every byte is', () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(4), (literal, rest, from) => {
        const [text, at] = [Uint8Array.of(...rest.subarray(0, from), ...literal, ...rest), Math.min(from, rest.length)];
        expect(new Literal(literal).end(viewOf(text), at)).toBe(at + literal.length);
        literal.forEach((byte, i) => {
          const other = text.slice();
          other[at + i] = byte ^ 0x80;
          expect(new Literal(literal).end(viewOf(other), at)).toBe(UNCOMMON);
        });
        expect(new Literal(Uint8Array.of(...literal, ...rest, 0x0a)).end(viewOf(text), at)).toBe(UNCOMMON);
      }),
    );
  });

  it('are text up to the first quote, backslash or control character', () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(5), (some, from) => {
        const text = Uint8Array.of(...some, 0x0a);
        const at = Math.min(from, some.length);
        const end = text.findIndex((byte, i) => i >= at && (byte < 0x20 || byte === 0x22 || byte === 0x5c));
        expect(textEnd(viewOf(text), at)).toBe(end);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are a passage whichever text was met last', () => {
    const passage = new Passage(utf8('{"type":"'), utf8('","data":"'));
    const text = fc.constantFrom('text/csv', 'text/csv; charset=utf-8', '', 'text/csw', 'text\\/csv', 'text/csv"x');
    fc.assert(
      fc.property(text, fc.nat(3), fc.boolean(), (type, before, whole) => {
        const line = `${' '.repeat(before)}{"type":"${type}","data":"${whole ? '' : '\n'}`;
        const all = utf8(whole ? `${line}1,2"\n` : line.replace('"data":"', '"dat'));
        const fits = whole && !/["\\]/.test(type);
        expect(passage.end(viewOf(all), before)).toBe(fits ? line.length : UNCOMMON);
      }),
    );
  });
});
