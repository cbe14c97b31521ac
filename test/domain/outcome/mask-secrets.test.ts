import { describe, expect, it } from '@jest/globals';
import { maskSecrets } from '../../../domain/outcome/mask-secrets.ts';

describe('maskSecrets', () => {
  it.each([
    ['key AKIAIOSFODNN7EXAMPLE used', 'key *** used'],
    ['password: hunter2, next', 'password: ***, next'],
    ['API_KEY="a b c"', 'API_KEY=***'],
    ['Authorization: Bearer abcdef0123456789', 'Authorization: Bearer ***'],
    ['postgres://me:secret@host/db', 'postgres://me:***@host/db'],
    ['https://x/?X-Amz-Signature=abc&y=1', 'https://x/?X-Amz-Signature=***&y=1'],
    ["KeyError: 'origin'", "KeyError: 'origin'"],
    ['AUC 0.61 after 200 steps', 'AUC 0.61 after 200 steps'],
  ])('%s', (line, masked) => {
    expect(maskSecrets(line)).toBe(masked);
  });
});
