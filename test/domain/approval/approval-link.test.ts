import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ApprovalLink, decodeLink, encodeLink, isExpired } from '../../../domain/approval/approval-link.ts';
import { InMemoryLinkSigner } from '../../support/in-memory-approvals.ts';

const link = { requestId: `r${'a'.repeat(40)}`, approver: 'ada', digest: 'd'.repeat(64), expires: 1_900_000_000 };

describe('a signed link', () => {
  const signer = new InMemoryLinkSigner();

  it('says what was signed', async () => {
    expect(await signer.verify(await signer.sign(link))).toEqual({ ...link, keyId: 'key-1' });
  });

  it('is refused after any change of any field', async () => {
    const { mac } = decodeLink(await signer.sign(link))!;
    const forged: Partial<ApprovalLink>[] = [
      { requestId: `r${'b'.repeat(40)}` },
      { approver: 'ben' },
      { digest: 'e'.repeat(64) },
      { expires: link.expires + 1 },
      { keyId: 'key-2' },
    ];
    for (const change of forged) {
      const text = encodeLink({ ...link, keyId: 'key-1', ...change }, mac);
      expect(await signer.verify(text)).toBeUndefined();
    }
  });

  it('is refused after any change of any character, cut, or followed by more', async () => {
    const text = await signer.sign(link);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length - 1 }), fc.constantFrom(...'AZaz09-_.=~ '), async (i, character) => {
        fc.pre(text[i] !== character);
        expect(await signer.verify(text.slice(0, i) + character + text.slice(i + 1))).toBeUndefined();
        expect(await signer.verify(text.slice(0, i))).toBeUndefined();
        expect(await signer.verify(text + character)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused whatever else it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
        expect(await signer.verify(text)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
    const encoded = (value: unknown) => `${Buffer.from(JSON.stringify(value)).toString('base64url')}.${'A'.repeat(43)}`;
    for (const value of [null, 1, [], {}, { ...link }, { ...link, keyId: '' }, { ...link, keyId: 'k', expires: 1.5 }]) {
      expect(decodeLink(encoded(value))).toBeUndefined();
    }
    expect(decodeLink('x'.repeat(3_000))).toBeUndefined();
  });

  it('works under the former key while keys rotate, and no longer after', async () => {
    const text = await signer.sign(link);
    expect(await new InMemoryLinkSigner('key-2', 'key-1').verify(text)).toMatchObject(link);
    expect(await new InMemoryLinkSigner('key-2').verify(text)).toBeUndefined();
  });

  it('expires at its second', () => {
    const signed = { ...link, keyId: 'key-1' };
    expect(isExpired(signed, new Date(link.expires * 1000 - 1))).toBe(false);
    expect(isExpired(signed, new Date(link.expires * 1000))).toBe(true);
  });
});
