import type { ReleaseRow } from '../release.ts';

/** A release's name, as commands take it, and its model's. */
interface Named {
  readonly release: string;
  readonly model: string;
}

const again = ({ release }: Named): string => `launchway resume ${release} --from train --folder FOLDER`;
/** The code on the release's own data, on this machine, in minutes. */
const here = ({ release }: Named): string => `launchway try FOLDER --release ${release}`;
/** Training again, since the model itself is to be another. */
const submit = 'launchway submit FOLDER --data FILE';

/** What to do, by the name of the error that ended the release. */
const BY_ERROR: Readonly<Record<string, (named: Named) => string>> = {
  TrainingFailedError: (named) => `${here(named)}, mend the program, then ${again(named)}`,
  TrainingTimedOutError: (named) => `raise training.maxRuntimeMinutes, or train for less long, then ${again(named)}`,
  TuningFailedError: (named) =>
    `mend the program, or training.tuning.pattern: it must find the metric in the log; then ${again(named)}`,
  TrainingStoppedError: (named) => `ask who stopped it; to train again: ${again(named)}`,
  SlotWaitExceededError: (named) =>
    `ask your platform engineer for a higher quota (quotas in launchway.config.ts), or list more types in training.instance.types, then ${again(named)}`,
  SpotWaitExceededError: (named) =>
    `list more types in training.instance.types, raise training.maxWaitMinutes, or leave training.spot out, then ${again(named)}`,
  SpotInterruptedError: (named) =>
    `${again(named)} goes on from its checkpoints; raise training.maxWaitMinutes, or leave training.spot out`,
  CapacityUnavailableError: (named) => `list more types in training.instance.types, then ${again(named)}`,
  ModelMissingError: (named) =>
    `write the model where SM_MODEL_DIR says (/opt/ml/model): ${here(named)} shows it; then ${submit}, which trains again`,
  ModelTooLargeError: () =>
    `write a smaller model (419 MB packed at most): no data, caches or checkpoints in SM_MODEL_DIR; then ${submit}`,
  SliceTooSmallError: () =>
    'lower minRows of the gate, hold out more rows (data.test), or drop the gate; then launchway submit FOLDER --data FILE',
  MarginNotResolvableError: () =>
    'widen the margin, or hold out more rows (data.test), as the message says; then launchway submit FOLDER --data FILE',
  HoldOutOneClassError: () => 'hold out rows of both classes (data.test), or upload a dataset that has them',
  PredictionCountError: (named) =>
    `answer one line for each row in output_fn or /invocations: ${here(named)} shows it; then ${submit}`,
  PredictionNotANumberError: (named) =>
    `answer a finite number in the column that serving.response names: ${here(named)} shows it; then ${submit}`,
  PredictionsUnreadableError: (named) =>
    `answer text/csv as serving.response says: ${here(named)} shows it; then ${submit}`,
  EndpointRolledBackError: () =>
    `look at the endpoint's log and metrics of that time: callers got errors or slow answers of the new version. Mend it, or say in serving.rollout.alarms what is right for it; then ${submit}`,
  ArtifactRefusedError: () =>
    'pack only plain files with names of their own into the model directory, then launchway submit FOLDER --data FILE',
};

const BY_WHOSE: Readonly<Record<string, string>> = {
  'your code': 'mend the program, upload it, then upload the dataset again',
  'your data': 'mend the dataset and upload it again',
  'a gate': 'improve the model, or the data, and upload again; gates are in model.yaml and the tier',
  'quota or capacity':
    'ask for a higher quota, or list more instance types in training.instance.types, then upload again',
  AWS: 'upload the dataset again; AWS reported a fault of its own',
  Launchway: 'tell your platform engineer; the report has the details',
};

/** The next step of whoever can mend what ended a release. */
export function adviceFor({ model, release, outcome }: ReleaseRow): string {
  const byError = BY_ERROR[outcome?.error ?? ''];
  if (byError) return byError({ model, release: `${model}/${release}` });
  return BY_WHOSE[outcome?.whose ?? ''] ?? 'upload the dataset again when you want another release';
}

/** Whether what ended a release had been tried again, and why not. */
export function retriedInWords({ outcome }: Pick<ReleaseRow, 'outcome'>): string {
  if (outcome?.error === 'CapacityUnavailableError') return 'yes: each of training.instance.types in its turn';
  if (/ResourceLimitExceeded/.test(outcome?.error ?? '')) return 'yes: for hours, with growing waits';
  const mine = ['your code', 'your data', 'a gate'].includes(outcome?.whose ?? '');
  return mine ? 'no: the same input would end the same way' : 'no';
}
