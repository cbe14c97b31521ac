import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { drawDiagrams } from '../../state-machines/draw-diagrams.ts';

it('the README shows the workflows as they are (npm run diagrams)', () => {
  expect(readFileSync('state-machines/README.md', 'utf8')).toBe(drawDiagrams('state-machines'));
});
