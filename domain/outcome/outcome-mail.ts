import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import type { ModelRow, ObjectRef } from '../model.ts';
import type { Mail } from '../ports.ts';
import type { ReleaseRow, TrainingResult } from '../release.ts';
import { PRICES_AS_OF, showUsd } from '../training/prices.ts';

/** Tells the owner how a release ended; all mails of a release are one thread. */
export function outcomeMail(release: ReleaseRow, model: ModelRow, to: readonly string[]): Mail {
  const { outcome } = release;
  if (!outcome)
    throw new RangeError(`expected a release with an outcome, got ${release.model}/${release.release} without`);
  const [first = '', ...others] = outcome.message.split('\n');
  const blocks: MailBlock[] = [
    { kind: 'facts', rows: facts(release, model, first) },
    ...(others.length > 0 ? [{ kind: 'list' as const, items: others }] : []),
    ...(outcome.logTail && outcome.logTail.length > 0
      ? [
          { kind: 'heading' as const, text: `Last ${outcome.logTail.length} lines (secrets masked)` },
          { kind: 'lines' as const, lines: outcome.logTail },
        ]
      : []),
    { kind: 'facts', rows: next(release) },
  ];
  return composeMail({
    to,
    subject: subject(release, first),
    thread: `release/${release.model}/${release.release}`,
    blocks,
    footer: `Release ${release.release} of ${release.model}`,
  });
}

function subject({ model, release, outcome }: ReleaseRow, message: string): string {
  if (outcome?.status === 'Deployed') return `[${model}] release ${release} deployed: ${message}`;
  if (outcome?.status === 'Validated') return `[${model}] experiment ${release} passed: ${message}`;
  const where = outcome?.step ? ` in ${outcome.step}` : '';
  return `[${model}] release ${release} stopped${where} — ${outcome?.whose ? `${outcome.whose}: ` : ''}${message}`;
}

function facts({ outcome, steps }: ReleaseRow, { champion }: ModelRow, message: string): [string, string][] {
  const { training } = steps;
  const deployed = outcome?.status === 'Deployed';
  const serving = champion
    ? `version ${champion.version} on ${champion.endpointName}, since ${champion.since}`
    : message;
  const untouched = champion ? `version ${champion.version}, untouched.` : 'nothing yet.';
  const asked = steps.approval ? '' : '; nobody was asked to approve';
  return [
    ['What happened', happened(outcome, message)],
    ...(outcome?.whose ? [['Whose', outcome.whose] as [string, string]] : []),
    ['Serving now', deployed ? serving : `${untouched} Nothing was deployed${asked}.`],
    ...(outcome?.whose === 'your data' && steps.dataReport
      ? [['Data report', reportPage(steps.dataReport)] as [string, string]]
      : []),
    ...(training ? [['Trained', trained(training)] as [string, string]] : []),
    ...(training?.costUsd !== undefined ? [['Spent', spent(training.costUsd)] as [string, string]] : []),
  ];
}

const spent = (usd: number): string =>
  usd === 0 ? 'nothing on training' : `${showUsd(usd)} on training (list prices of ${PRICES_AS_OF})`;

const trained = ({ seconds, instanceType, reusedFrom }: TrainingResult): string =>
  reusedFrom === undefined
    ? `${seconds} s on ${instanceType}`
    : `not again: release ${reusedFrom} had trained on the same inputs`;

/** The name of an error helps those who run Launchway; whoever mends data or code is helped by the sentence. */
function happened(outcome: ReleaseRow['outcome'], message: string): string {
  if (outcome?.status === 'Deployed') return 'it was approved, deployed, and proved to serve exactly what was approved';
  const ours = ['AWS', 'Launchway', 'quota or capacity'].includes(outcome?.whose ?? '');
  return ours && outcome?.error ? `${outcome.error}: ${message}` : message;
}

/** The page beside the JSON report. */
const reportPage = ({ bucket, key }: ObjectRef): string => `s3://${bucket}/${key.replace(/\.json$/, '.html')}`;

function next({ model, release, outcome }: ReleaseRow): [string, string][] {
  const more: [string, string] = ['More', `launchway status ${model} · launchway logs ${model}/${release}`];
  if (outcome?.status === 'Deployed') return [more];
  if (outcome?.status === 'Validated') return [['Do this', `launchway propose ${model}/${release}`], more];
  if (outcome?.status === 'Expired') return [['Do this', `launchway resume ${model}/${release} --from approve`], more];
  const mine = ['your code', 'your data', 'a gate'].includes(outcome?.whose ?? '');
  return [
    ['Retried', mine ? 'no: the same input would end the same way' : 'no'],
    ['Do this', advice[outcome?.whose ?? ''] ?? 'upload the dataset again when you want another release'],
    more,
  ];
}

const advice: Readonly<Record<string, string>> = {
  'your code': 'mend the program, upload it, then upload the dataset again',
  'your data': 'mend the dataset and upload it again',
  'a gate': 'improve the model, or the data, and upload again; gates are in model.yaml and the tier',
  'quota or capacity':
    'ask for a higher quota, or list more instance types in training.instance.types, then upload again',
  AWS: 'upload the dataset again; AWS reported a fault of its own',
  Launchway: 'tell your platform engineer; the report has the details',
};
