import { moment } from '../../domain/approval/moment.ts';
import { msPerRow, type Operation } from '../../domain/evaluation/operation.ts';
import { html, type Markup } from '../../domain/mail/markup.ts';
import type { SealedArtifact, TrainingResult } from '../../domain/step-results.ts';
import { showUsd } from '../../domain/training/prices.ts';
import type { EvaluationView } from '../evaluation-page.ts';
import { count, number } from './words.ts';

type Fact = readonly [label: string, value: string | Markup];

const list = (facts: readonly Fact[]): Markup =>
  html`<dl>${facts.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;

const digest = (sha256: string): Markup => html`<code>${sha256}</code>`;

/** What it takes to run, and what finding that out cost. */
export function operationSection({ evaluation, version }: EvaluationView): Markup | undefined {
  const { operation } = evaluation;
  if (!operation) return;
  const facts: Fact[] = [['Model archive', megabytes(operation, (of) => of.artifactBytes / 1e6, 'MB')]];
  const { transform, holdOut, champion } = operation;
  if (transform)
    facts.push([
      'Time per row',
      `at most ${number(msPerRow(transform))} ms, loading included: ${count(transform.rows)} rows in ${number(transform.seconds)} s of batch transform on ${operation.instanceType}`,
    ]);
  if (holdOut && champion?.holdOut)
    facts.push([
      'The same rows',
      `candidate ${number(holdOut.seconds)} s, what serves ${number(champion.holdOut.seconds)} s, for ${count(holdOut.rows)} rows each`,
    ]);
  facts.push(['Training', trainingTime(version.training)]);
  if (operation.costUsd !== undefined) facts.push(['Validation', `${showUsd(operation.costUsd)} of batch transforms`]);
  return list(facts);
}

function trainingTime(training: TrainingResult | undefined): string {
  if (!training) return 'elsewhere: nothing was paid here';
  const { costUsd, seconds, instanceType } = training;
  const trained = `${count(Math.round(seconds))} s on ${instanceType}`;
  return costUsd === undefined ? trained : `${trained}, ${showUsd(costUsd)}`;
}

const megabytes = (
  operation: Operation,
  of: (size: { readonly artifactBytes: number }) => number,
  unit: string,
): string =>
  `${number(of(operation))} ${unit}${operation.champion ? `; what serves: ${number(of(operation.champion))} ${unit}` : ''}`;

/** Everything that would be needed to do it again, and to see that it was this. */
export function provenanceSection({
  evaluation,
  version,
  release,
  definition,
  digest: sha256,
}: EvaluationView): Markup {
  const { dataset, prepared, artifact, training } = version;
  const { source } = dataset;
  const parameters = Object.entries(definition.training.hyperparameters).map(([name, value]) => `${name} = ${value}`);
  return list([
    ['Release', `${release.model}/${release.release}, ${moment(release.admittedAt)}: ${release.reason}`],
    ['Submitted by', release.submitter.person ?? release.submitter.principal],
    [
      'Dataset',
      html`${count(prepared.trainRows)} rows ${training ? 'trained' : 'as the baseline'}, ${count(prepared.holdoutRows)} held out${heldOut(prepared.split)}; ${digest(dataset.object.sha256)}`,
    ],
    ['Hold-out', digest(prepared.holdoutSha256)],
    [
      'Source',
      source
        ? html`${source.commit === undefined ? 'commit not recorded' : html`commit <code>${source.commit}</code>`}; ${digest(source.sha256)}`
        : training
          ? 'none: the program is in the image'
          : 'not known: the model was trained elsewhere',
    ],
    ['Image', html`<code>${version.image}</code>`],
    ['Hyperparameters', parameters.join(', ') || 'none'],
    ['Libraries', librariesIn(artifact)],
    ['model.yaml', digest(version.definition.sha256)],
    [
      'Training job',
      training
        ? html`<code>${training.jobName}</code>${training.reusedFrom !== undefined && html`, of release ${training.reusedFrom}: the same inputs had been trained on`}`
        : 'none: trained elsewhere',
    ],
    ['Model archive', digest(artifact.object.sha256)],
    ['Seed of the resamples', String(evaluation.seed)],
    ['This evaluation', digest(sha256)],
  ]);
}

const librariesIn = ({ libraries }: SealedArtifact): string =>
  Object.entries(libraries ?? {})
    .map(([name, version]) => `${name} ${version}`)
    .join(', ') || 'not recorded';

function heldOut(split: EvaluationView['version']['prepared']['split']): string {
  if (!split) return '';
  if (split.kind === 'file') return ' in a file of its own';
  return split.kind === 'time'
    ? ` by time, from ${split.from === undefined ? 'an unknown instant' : moment(split.from)} on`
    : ' by a hash of the id';
}
