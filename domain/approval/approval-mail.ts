import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import { renderMailText } from '../mail/mail-text.ts';
import type { Mail } from '../ports.ts';
import type { Evidence } from './evidence.ts';
import type { DiffLine } from './line-diff.ts';
import { count, figure } from './measured-words.ts';

/** Why a mail is sent again. */
export interface MailNote {
  /** A few words for the subject: `reminder`. */
  readonly subject: string;
  /** A sentence or two, first in the mail. */
  readonly text: string;
}

/** A mail is read on a phone: what is beyond this is on the page. */
const MOST_METRICS = 6;
const MOST_SLICES = 5;
const MOST_DIFF_LINES = 12;

/** The mail that asks one approver. It can be judged from itself; the page has the same evidence and more, and takes the decision. */
export function approvalMail(
  evidence: Evidence,
  approver: { readonly person: string; readonly name: string; readonly email: string },
  link: string,
  note?: MailNote,
): Mail {
  const { model, version, release, verdict } = evidence;
  return composeMail({
    to: [approver.email],
    tags: { 'launchway-request': evidence.requestId, 'launchway-person': approver.person },
    subject: `[${model}] ${note ? `${note.subject}: ` : ''}version ${version}: ${SUBJECT[verdict]} – may it serve?`,
    thread: `release/${model}/${release}`,
    blocks: [
      ...(note ? [{ kind: 'warning', text: note.text } as const] : []),
      ...asked(evidence),
      { kind: 'action', label: 'See the evidence and decide', url: link },
      ...forAndAgainst(evidence),
    ],
    footer: `For ${approver.name} alone: the link decides in your name, so do not forward it. Opening it changes nothing.`,
  });
}

/** The evidence as text in 80 columns, for who decides without a mail. */
export const evidenceText = (evidence: Evidence): string =>
  renderMailText([...asked(evidence), ...forAndAgainst(evidence)]);

const forAndAgainst = (evidence: Evidence): MailBlock[] => [
  ...changes(evidence),
  ...part('Since you last approved', evidence.sinceLast, list),
  ...measures(evidence),
  ...(evidence.gates.length > 0 ? [heading('Gates'), ...gatesIn(evidence.gates)] : []),
  ...slices(evidence),
  ...part('What the checks found', evidence.findings, list),
  heading('This release'),
  { kind: 'facts', rows: evidence.facts },
];

const SUBJECT: Readonly<Record<Evidence['verdict'], string>> = {
  'first version': 'the first one',
  better: 'better than what serves',
  'the same': 'as good as what serves',
  worse: 'worse than what serves',
  'not comparable': 'not comparable with what serves',
};

export const TONE: Readonly<Record<Evidence['verdict'], 'good' | 'bad' | 'plain'>> = {
  'first version': 'plain',
  better: 'good',
  'the same': 'plain',
  worse: 'bad',
  'not comparable': 'bad',
};

const heading = (text: string): MailBlock => ({ kind: 'heading', text });
const list = (items: readonly string[]): MailBlock => ({ kind: 'list', items });

/** A heading with what stands under it; nothing where there is nothing. */
const part = <Item>(title: string, items: readonly Item[], of: (items: readonly Item[]) => MailBlock): MailBlock[] =>
  items.length === 0 ? [] : [heading(title), of(items)];

/** The three lines in words, and what to take a stand on. */
function asked({ inWords: [decides, compares, asks], verdict, warnings }: Evidence): MailBlock[] {
  return [
    { kind: 'paragraph', text: decides, tone: 'lead' },
    { kind: 'paragraph', text: compares, tone: TONE[verdict] },
    { kind: 'paragraph', text: asks },
    ...warnings.map((text): MailBlock => ({ kind: 'warning', text: `An approval needs a reason: ${text}` })),
  ];
}

function changes({ changes: sentences, definitionDiff }: Evidence): MailBlock[] {
  if (sentences.length === 0) return [];
  const lines = definitionDiff.filter(({ kind }) => kind === 'new' || kind === 'gone');
  const shown = lines.slice(0, MOST_DIFF_LINES).map(diffLine);
  const more = lines.length > shown.length ? [`… and ${lines.length - shown.length} more on the page`] : [];
  return [
    heading('What changes'),
    list(sentences),
    ...(shown.length > 0 ? [{ kind: 'lines', lines: [...shown, ...more] } as const] : []),
  ];
}

const diffLine = ({ kind, text }: DiffLine): string => `${kind === 'new' ? '+' : '−'} ${text}`;

function measures({ metrics }: Evidence): MailBlock[] {
  if (metrics.length === 0) return [];
  const shown = metrics.slice(0, MOST_METRICS);
  const isCompared = metrics.some(({ champion }) => champion !== undefined);
  const table: MailBlock = isCompared
    ? {
        kind: 'table',
        head: ['measure', 'serves now', 'candidate', 'difference (95 %)'],
        rows: shown.map((row) => [row.metric, row.champion ?? '–', row.candidate, difference(row)]),
      }
    : {
        kind: 'table',
        head: ['measure', 'candidate (95 %)'],
        rows: shown.map(({ metric, candidate }) => [metric, candidate]),
      };
  const more = metrics.length - shown.length;
  const rest = more === 1 ? 'One more measure is' : `${more} more measures are`;
  return [
    heading(isCompared ? 'Candidate and champion' : 'Measured'),
    table,
    ...(more > 0 ? [{ kind: 'paragraph', text: `${rest} on the page.`, tone: 'quiet' } as const] : []),
  ];
}

/** `+0.028, better (+0.013 to +0.043)`. */
function difference({ difference: by = '–', verdict, between }: Evidence['metrics'][number]): string {
  const says = verdict === 'the same' ? ', by chance' : verdict ? `, ${verdict}` : '';
  return `${by}${between === undefined ? '' : says}${between === undefined ? '' : ` (${between})`}`;
}

function slices({ slices: rows }: Evidence): MailBlock[] {
  return part('Where it does worst', rows.slice(0, MOST_SLICES), (worst) => ({
    kind: 'table',
    head: ['slice', 'rows', rows[0]?.metric ?? ''],
    rows: worst.map(({ slice, rows: number, value }) => [slice, count(number), figure(value)]),
  }));
}

function gatesIn(gates: Evidence['gates']): MailBlock[] {
  const passed = gates.filter(({ verdict }) => verdict === 'Passed').length;
  const sum = passed === gates.length ? `All ${gates.length} passed.` : `${passed} of ${gates.length} passed.`;
  const item = ({ metric, measured, needed, verdict }: Evidence['gates'][number]) =>
    `${GATE[verdict]}: ${metric}${measured === null ? '' : ` ${figure(measured)}`} (needed: ${needed})`;
  return [...(gates.length > 1 ? [{ kind: 'paragraph', text: sum } as const] : []), list(gates.map(item))];
}

const GATE: Readonly<Record<Evidence['gates'][number]['verdict'], string>> = {
  Passed: 'passed',
  Failed: 'failed',
  NotComparable: 'not comparable',
  Undefined: 'undefined',
};
