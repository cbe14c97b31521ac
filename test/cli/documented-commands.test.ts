import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { runCli } from '../support/run-cli.ts';

const TEXTS = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync('docs')
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** Commands in code, such as `launchway status MODEL` or `npx launchway local advance 3d`. */
const namedIn = (text: string): string[] =>
  [...text.matchAll(/(?:^|`)(?:npx )?launchway ([a-z]+(?:-[a-z]+)*)(?=[ `\n])/gm)].map(([, name]) => name!);

describe('commands that the documents name', () => {
  it('exist, each with a description', async () => {
    const { code, stdout } = await runCli(['--help'], { stateDir: 'none' });
    expect(code).toBe(0);
    const offered = [...stdout.matchAll(/^ {2}([a-z]+(?:-[a-z]+)*) .*\S/gm)].map(([, name]) => name);
    const named = TEXTS.flatMap((file) => namedIn(readFileSync(file, 'utf8')).map((name) => `${name} (${file})`));
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((one) => !offered.includes(one.split(' ')[0]!))).toEqual([]);
  });
});
