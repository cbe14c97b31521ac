import { trafficInWords } from '../deployment/rollout.ts';
import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import type { ModelRow, ObjectRef } from '../model.ts';
import type { Mail } from '../ports.ts';
import type { ReleaseRow } from '../release.ts';
import { adviceFor, retriedInWords } from './advice.ts';
import { changedInputs } from './changed-inputs.ts';
import { spentInWords } from './spending.ts';

/**
 * Tells the owner how a release ended; all mails of a release are one thread.
 *
 * @param previous the release before it, where there is one: what changed since is often why
 */
export function outcomeMail(release: ReleaseRow, model: ModelRow, to: readonly string[], previous?: ReleaseRow): Mail {
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
    { kind: 'facts', rows: next(release, previous) },
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

function facts(release: ReleaseRow, { champion }: ModelRow, message: string): [string, string][] {
  const { outcome, steps } = release;
  const traffic = outcome?.status === 'Deployed' ? steps.deployment?.traffic : undefined;
  const deployed = outcome?.status === 'Deployed';
  const serving = champion
    ? `version ${champion.version} on ${champion.endpointName}, since ${champion.since}`
    : message;
  const untouched = champion ? `version ${champion.version}, untouched.` : 'nothing yet.';
  const asked = steps.approval ? '' : '; nobody was asked to approve';
  return [
    ['What happened', happened(outcome, message)],
    ...(traffic ? [['Taking over', `it ${trafficInWords(traffic)}`] as [string, string]] : []),
    ...(outcome?.whose ? [['Whose', outcome.whose] as [string, string]] : []),
    ['Serving now', deployed ? serving : `${untouched} Nothing was deployed${asked}.`],
    ...(outcome?.whose === 'your data' && steps.dataReport
      ? [['Data report', reportPage(steps.dataReport)] as [string, string]]
      : []),
    ['Spent', spentInWords(release)],
  ];
}

/** The name of an error helps those who run Launchway; whoever mends data or code is helped by the sentence. */
function happened(outcome: ReleaseRow['outcome'], message: string): string {
  if (outcome?.status === 'Deployed') return 'it was approved, deployed, and proved to serve exactly what was approved';
  const ours = ['AWS', 'Launchway', 'quota or capacity'].includes(outcome?.whose ?? '');
  return ours && outcome?.error ? `${outcome.error}: ${message}` : message;
}

/** The page beside the JSON report. */
const reportPage = ({ bucket, key }: ObjectRef): string => `s3://${bucket}/${key.replace(/\.json$/, '.html')}`;

function next(row: ReleaseRow, previous: ReleaseRow | undefined): [string, string][] {
  const { model, release, outcome, reproduces } = row;
  const rest = [...changes(row, previous), ['More', more(row, previous)] as [string, string]];
  if (outcome?.status === 'Deployed') return rest;
  if (reproduces !== undefined && row.steps.evaluation)
    return [['Do this', `launchway reproduce ${model}/${reproduces} --against ${release}`], ...rest];
  if (outcome?.status === 'Validated') return [['Do this', `launchway propose ${model}/${release}`], ...rest];
  if (outcome?.status === 'Expired' || outcome?.status === 'Withdrawn')
    return [
      ['Do this', `launchway ask-again ${model}/${release}, without training, when it is to be asked again`],
      ...rest,
    ];
  return [['Retried', retriedInWords(row)], ['Do this', adviceFor(row)], ...rest];
}

function changes(row: ReleaseRow, previous: ReleaseRow | undefined): [string, string][] {
  if (!previous) return [];
  const changed = changedInputs(previous, row);
  return changed.length === 0 ? [] : [[`Since release ${previous.release}`, `${changed.join(', ')} changed`]];
}

/** Where to look: the evaluation's page where there is one, and the release before, side by side. */
function more({ model, release, steps }: ReleaseRow, previous: ReleaseRow | undefined): string {
  const commands = [
    `launchway status ${model}`,
    `launchway logs ${model}/${release}`,
    ...(steps.evaluation?.page ? [`launchway report ${model}/${release} --open`] : []),
    ...(previous ? [`launchway compare ${model}/${previous.release} ${model}/${release}`] : []),
  ];
  return commands.join(' · ');
}
