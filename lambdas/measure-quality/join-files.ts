import { readLabelFile } from '../../adapters/label-file.ts';
import type { ObjectRef } from '../../domain/model.ts';
import { labelsFolder } from '../../domain/monitoring/keys.ts';
import { addEffects, type Effects, NO_EFFECTS } from '../../domain/quality/join-labels.ts';
import { decodeLabels, encodeLabels, type LabelSet, labelsIn, pickLabels } from '../../domain/quality/label-set.ts';
import { readTargets } from '../../domain/quality/read-targets.ts';
import type { LabelFileRow } from '../../domain/quality/rows.ts';
import { type TruthReader, truthReader } from '../../domain/quality/truth-reader.ts';
import type { ServedWindow } from './find-windows.ts';
import { joinWindow } from './join-window.ts';
import { type MeasureQualityDependencies, type Occasion, STEP } from './measure-quality.ts';
import { tellOfLabels } from './tell-of-labels.ts';

/** A file whose labels are looked for. */
export interface OpenFile {
  row: LabelFileRow;
  readonly labels: LabelSet;
  /** Places of the labels that name no prediction so far. */
  open: readonly number[];
  /** What those that name one did. */
  effects: Effects;
}

/** Held at once; what is beyond waits for the next occurrence. */
const MOST_LABELS = 2_000_000;
const MOST_FILES = 200;
const HOUR_MS = 3_600_000;

/**
 * Looks for the predictions of uploaded outcomes, newest window first, and takes each to its window.
 *
 * @param windows newest first
 * @returns outcomes that named a prediction
 */
export async function joinFiles(
  dependencies: MeasureQualityDependencies,
  occasion: Occasion,
  files: readonly LabelFileRow[],
  windows: readonly ServedWindow[],
): Promise<number> {
  const opened = await openFiles(dependencies, occasion, files);
  for (const window of windows) {
    const looking = opened.filter(({ row, open }) => open.length > 0 && window.end > (row.searchedUntil ?? ''));
    if (looking.length > 0) await joinWindow(dependencies, occasion, window, looking);
  }
  let matched = 0;
  for (const file of opened) matched += await saveFile(dependencies, occasion, file, windows[0]?.end);
  await settleStanding(dependencies, occasion);
  return matched;
}

async function openFiles(
  dependencies: MeasureQualityDependencies,
  occasion: Occasion,
  files: readonly LabelFileRow[],
): Promise<OpenFile[]> {
  const opened: OpenFile[] = [];
  let readTruth: TruthReader | undefined;
  let held = 0;
  for (const file of files.slice(0, MOST_FILES)) {
    if (held >= MOST_LABELS) break;
    readTruth ??= truthReader(
      occasion.definition.problem,
      await readTargets(dependencies.objects, occasion.champion, occasion.definition),
    );
    const open =
      file.status === 'Received'
        ? await openNew(dependencies, occasion, file, readTruth)
        : await openAgain(dependencies, file);
    if (!open) continue;
    held += labelsIn(open.labels);
    opened.push(open);
  }
  return opened;
}

const allOf = (labels: LabelSet): number[] => Array.from({ length: labelsIn(labels) }, (_, i) => i);

async function openAgain({ objects }: MeasureQualityDependencies, row: LabelFileRow): Promise<OpenFile | undefined> {
  if (!row.remainder) return undefined;
  const labels = decodeLabels(await objects.readBytes(row.remainder));
  return { row, labels, open: allOf(labels), effects: NO_EFFECTS };
}

/** Reads a file for the first time; one that cannot be used is refused, and its people are told. */
async function openNew(
  dependencies: MeasureQualityDependencies,
  occasion: Occasion,
  file: LabelFileRow,
  readTruth: TruthReader,
): Promise<OpenFile | undefined> {
  const read = await readLabelFile(dependencies.objects, file, occasion.definition, readTruth);
  if ('refused' in read) {
    const refused: LabelFileRow = { ...file, status: 'Refused', refusedBecause: read.refused };
    await tellOfLabels(dependencies, occasion.model, refused);
    await save(dependencies, { ...refused, settledAt: dependencies.now().toISOString() }, file);
    return undefined;
  }
  const { labels, tally } = read;
  return { row: { ...file, tally }, labels, open: allOf(labels), effects: NO_EFFECTS };
}

/** @returns labels of it that named a prediction just now */
async function saveFile(
  dependencies: MeasureQualityDependencies,
  { model, definition, at }: Occasion,
  { row, labels, open, effects }: OpenFile,
  searchedUntil: string | undefined,
): Promise<number> {
  const found = labelsIn(labels) - open.length;
  // By then every window is closed that its labels could be of, and was searched.
  const lastLook = Date.parse(row.receivedAt) + (definition.monitoring.windowHours + 2) * HOUR_MS;
  const isSettled = open.length === 0 || at.getTime() >= lastLook;
  const { remainder: _, ...rest } = row;
  const next: LabelFileRow = {
    ...rest,
    status: isSettled ? 'Settled' : 'Joined',
    matched: (row.matched ?? 0) + found,
    effects: addEffects(row.effects ?? NO_EFFECTS, effects),
    unmatched: open.length,
    ...(searchedUntil !== undefined && { searchedUntil }),
    ...(isSettled
      ? { settledAt: dependencies.now().toISOString() }
      : { remainder: await storeRemainder(dependencies, model, row, pickLabels(labels, open)) }),
  };
  // Once they are joined: what cannot be joined is tried again each hour, and would be told each hour.
  if (row.status === 'Received') await tellOfLabels(dependencies, model, row);
  if (isSettled && open.length > 0) await tellOfLabels(dependencies, model, next);
  await save(dependencies, next, row);
  return found;
}

const storeRemainder = (
  { objects, buckets }: MeasureQualityDependencies,
  model: Occasion['model'],
  { id }: LabelFileRow,
  labels: LabelSet,
): Promise<ObjectRef> =>
  objects.put(
    { bucket: buckets.artifacts, key: `${labelsFolder(model, id)}/remainder.bin` },
    encodeLabels(labels),
    'application/octet-stream',
  );

/** Where another occurrence was faster, what it saved is as good: joining a label twice changes nothing. */
async function save(
  { quality }: MeasureQualityDependencies,
  next: LabelFileRow,
  { status }: Pick<LabelFileRow, 'status'>,
): Promise<void> {
  const { tally, matched, unmatched, refusedBecause } = next;
  await quality.saveLabelFile(next, status, {
    type: next.status === 'Refused' ? 'LabelsRefused' : 'LabelsJoined',
    actor: STEP,
    subject: `labels/${next.id}`,
    details: { key: next.object.key, labels: tally?.labels, matched, unmatched, refusedBecause },
  });
}

/** Files up to the first that is open need not be looked at again. */
async function settleStanding({ quality }: MeasureQualityDependencies, { model, at }: Occasion): Promise<void> {
  const [first] = await quality.listOpenLabelFiles(model.model, at);
  // A row may be written a while after the moment it names.
  const until = new Date(at.getTime() - HOUR_MS).toISOString();
  await quality.markSettledUntil(model.model, first && first.receivedAt < until ? first.receivedAt : until);
}
