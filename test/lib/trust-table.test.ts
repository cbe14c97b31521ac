import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const text = readFileSync('docs/trust.md', 'utf8');

interface Row {
  readonly rule: string;
  readonly files: readonly string[];
  readonly shown: readonly { readonly file: string; readonly sentence: string }[];
}

const rows: Row[] = text
  .split('\n')
  .filter((line) => /^\| [AFL]\d+a? \|/.test(line))
  .map((line) => {
    const [rule, , files, shown] = line.slice(2, -2).split(' | ');
    return {
      rule: rule!,
      files: [...files!.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file]) => file!),
      shown: shown!.split('<br>').map((one) => {
        const [, file, sentence] = /^`([^`]+)`: (.+)$/.exec(one) ?? [];
        return { file: file ?? one, sentence: sentence ?? 'nothing' };
      }),
    };
  });

/** As a test file may have it: in whichever quotes, with `%s` for a case. */
const hasSentence = (file: string, sentence: string): boolean =>
  existsSync(file) &&
  [`'${sentence}'`, `"${sentence}"`, `\`${sentence}\``].some((quoted) => readFileSync(file, 'utf8').includes(quoted));

describe('the table of trust rules', () => {
  it('has every rule of approvals once, and each has files and sentences', () => {
    const ofApprovals = rows.map(({ rule }) => rule).filter((rule) => rule.startsWith('A'));
    expect(ofApprovals).toEqual(Array.from({ length: 23 }, (_, i) => `A${i + 1}`));
    expect(new Set(rows.map(({ rule }) => rule)).size).toBe(rows.length);
    expect(rows.filter(({ files, shown }) => files.length === 0 || shown.length === 0)).toEqual([]);
  });

  it('has every rule about faults, or says that it is not there', () => {
    const rules = ['F0', ...Array.from({ length: 21 }, (_, i) => `F${i + 1}`), 'F19a', 'F20a'];
    const missing = rules.filter((rule) => !rows.some((row) => row.rule === rule));
    expect(missing.filter((rule) => !text.includes(`\n- ${rule}: `))).toEqual([]);
  });

  it.each(rows.map((row) => [row.rule, row] as const))(
    '%s names files that are there and sentences that tests have',
    (_, { files, shown }) => {
      expect(files.filter((file) => !existsSync(file))).toEqual([]);
      expect(shown.filter(({ file, sentence }) => !hasSentence(file, sentence))).toEqual([]);
    },
  );
});
