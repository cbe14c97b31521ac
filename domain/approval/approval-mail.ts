import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import type { Evidence } from './evidence.ts';

/** Why a mail is sent again. */
export interface MailNote {
  /** A few words for the subject: `reminder`. */
  readonly subject: string;
  /** A sentence or two, first in the mail. */
  readonly text: string;
}

/** The mail that asks one approver. It can be judged from itself; the page has the same evidence and takes the decision. */
export function approvalMail(
  evidence: Evidence,
  approver: { readonly name: string; readonly email: string },
  link: string,
  note?: MailNote,
): Mail {
  const { model, version, release, verdict } = evidence;
  const [decides, compares, asks] = evidence.inWords;
  const blocks: MailBlock[] = [
    ...(note ? [{ kind: 'warning', text: note.text } as const] : []),
    { kind: 'paragraph', text: decides },
    { kind: 'paragraph', text: compares },
    { kind: 'paragraph', text: asks },
    { kind: 'action', label: 'See the evidence and decide', url: link },
    ...evidence.warnings.map((text): MailBlock => ({ kind: 'warning', text: `An approval needs a reason: ${text}` })),
    ...(evidence.changes.length > 0 ? [heading('What changes'), list(evidence.changes)] : []),
    ...(evidence.metrics.length > 0
      ? [heading(isCompared(evidence) ? 'Candidate and champion' : 'Measured'), metricTable(evidence)]
      : []),
    ...(evidence.gates.length > 0 ? [heading('Gates'), gateTable(evidence)] : []),
    ...(evidence.slices.length > 0 ? [heading('Where it does worst'), sliceTable(evidence)] : []),
    ...(evidence.findings.length > 0 ? [heading('Findings'), list(evidence.findings)] : []),
    heading('This release'),
    { kind: 'facts', rows: evidence.facts },
  ];
  return composeMail({
    to: [approver.email],
    subject: `[${model}] ${note ? `${note.subject}: ` : ''}version ${version}: ${SUBJECT[verdict]} – may it serve?`,
    thread: `release/${model}/${release}`,
    blocks,
    footer: `For ${approver.name} alone: the link decides in your name, so do not forward it. Opening it changes nothing.`,
  });
}

const SUBJECT: Readonly<Record<Evidence['verdict'], string>> = {
  'first version': 'the first one',
  better: 'better than what serves',
  'the same': 'as good as what serves',
  worse: 'worse than what serves',
  'not comparable': 'not comparable with what serves',
};

const heading = (text: string): MailBlock => ({ kind: 'heading', text });
const list = (items: readonly string[]): MailBlock => ({ kind: 'list', items });

const isCompared = ({ metrics }: Evidence): boolean => metrics.some(({ champion }) => champion !== undefined);

function metricTable(evidence: Evidence): MailBlock {
  const { metrics } = evidence;
  return isCompared(evidence)
    ? {
        kind: 'table',
        head: ['metric', 'candidate', 'champion', 'difference'],
        rows: metrics.map(({ metric, candidate, champion, difference }) => [
          metric,
          candidate,
          champion ?? '–',
          difference ?? '–',
        ]),
      }
    : {
        kind: 'table',
        head: ['metric', 'candidate'],
        rows: metrics.map(({ metric, candidate }) => [metric, candidate]),
      };
}

const sliceTable = ({ slices }: Evidence): MailBlock => ({
  kind: 'table',
  head: ['slice', 'rows', slices[0]?.metric ?? ''],
  rows: slices.map(({ slice, rows, value }) => [
    slice,
    rows.toLocaleString('en'),
    String(Number(value.toPrecision(3))),
  ]),
});

const gateTable = ({ gates }: Evidence): MailBlock => ({
  kind: 'table',
  head: ['gate', 'measured', 'needed', 'verdict'],
  rows: gates.map(({ metric, measured, needed, verdict }) => [
    metric,
    measured === null ? '–' : String(Number(measured.toPrecision(4))),
    needed,
    verdict === 'NotComparable' ? 'not comparable' : verdict.toLowerCase(),
  ]),
});
