import type { MailBlock } from './mail-document.ts';
import { linkTarget } from './markup.ts';

/** Columns of the text part. An address or a word longer than this keeps its own line. */
const TEXT_COLUMNS = 80;

const LABEL_COLUMNS = 16;

/** The text part: reads well in a fixed-width face of 80 columns, without colour, alone. */
export function renderMailText(blocks: readonly MailBlock[], footer?: string): string {
  const parts = blocks.map(block);
  if (footer !== undefined) parts.push(`-- \n${wrapped(footer).join('\n')}`);
  return `${parts.join('\n\n')}\n`;
}

function block(one: MailBlock): string {
  switch (one.kind) {
    case 'heading':
      return wrapped(one.text.toUpperCase()).join('\n');
    case 'paragraph':
      return wrapped(one.text).join('\n');
    case 'warning':
      return indented('! ', '! ', one.text);
    case 'quote':
      return indented('> ', '> ', one.text);
    case 'facts':
      return one.rows.map(([label, value]) => fact(label, value)).join('\n');
    case 'table':
      return table(one.head, one.rows).join('\n');
    case 'bars':
      return table(
        [one.head, 'training', 'now', 'change'],
        one.bars.map(({ of, baseline, current }) => [
          of === '' ? '(empty text)' : of,
          share(baseline),
          share(current),
          `${current < baseline ? '' : '+'}${((current - baseline) * 100).toFixed(1)}`,
        ]),
      ).join('\n');
    case 'list':
      return one.items.map((item) => indented('- ', '  ', item)).join('\n');
    case 'lines':
      return one.lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`).join('\n');
    case 'action':
      return `${one.label}:\n${linkTarget(one.url)}`;
  }
}

function fact(label: string, value: string): string {
  const hanging = ' '.repeat(LABEL_COLUMNS);
  if (label.length < LABEL_COLUMNS) return indented(label.padEnd(LABEL_COLUMNS), hanging, value);
  return `${wrapped(label).join('\n')}\n${indented(hanging, hanging, value)}`;
}

function indented(first: string, next: string, text: string): string {
  return wrapped(text, TEXT_COLUMNS - next.length)
    .map((line, i) => `${i === 0 ? first : next}${line}`.trimEnd())
    .join('\n');
}

/** Breaks between words; the lines that the text has itself stay. */
function wrapped(text: string, columns = TEXT_COLUMNS): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let current = '';
    for (const word of line.split(' ').filter((part) => part !== '')) {
      if (current !== '' && current.length + 1 + word.length > columns) {
        lines.push(current);
        current = word;
      } else current = current === '' ? word : `${current} ${word}`;
    }
    return [...lines, current];
  });
}

const share = (value: number): string => `${(value * 100).toFixed(1)} %`;

/** A cell that holds a number, with its sign, unit or interval. */
const isNumeric = (cell: string): boolean =>
  cell === '' || cell === '–' || /^[−+-]?[\d.,]+(e[+-]?\d+)?( ?%| .*)?$/.test(cell);

/** Columns that are set flush right: every cell of them is a number. */
export const numericColumns = (head: readonly string[], rows: readonly (readonly string[])[]): boolean[] =>
  head.map((_, i) => i > 0 && rows.filter((row) => row.length > 1).every((row) => isNumeric(row[i] ?? '')));

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const whole = rows.filter((row) => row.length > 1);
  const natural = head.map((cell, i) => Math.max(cell.length, ...whole.map((row) => (row[i] ?? '').length)));
  const gaps = 2 * (head.length - 1);
  if (natural.reduce((a, b) => a + b, gaps) > TEXT_COLUMNS) return stacked(head, rows);
  const right = numericColumns(head, rows);
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(natural[i] ?? 0) : cell.padEnd(natural[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), natural.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)];
}

/** A table that is too wide for the columns: each row becomes a short list. */
function stacked(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.flatMap((row) => [
    indented('- ', '  ', row[0] ?? ''),
    ...row.slice(1).map((cell, i) => indented('    ', '      ', `${head[i + 1] ?? ''}: ${cell}`)),
  ]);
}
