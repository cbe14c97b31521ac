import { qualityFolder } from '../../domain/monitoring/keys.ts';
import { addEffects, type JoinedLabels, joinLabels, PredictionFinder } from '../../domain/quality/join-labels.ts';
import { Outcomes } from '../../domain/quality/outcomes.ts';
import { decodeIndex, sizeOf } from '../../domain/quality/prediction-index.ts';
import type { QualityRow } from '../../domain/quality/rows.ts';
import type { ServedWindow } from './find-windows.ts';
import { indexWindow } from './index-window.ts';
import type { OpenFile } from './join-files.ts';
import type { MeasureQualityDependencies, Occasion } from './measure-quality.ts';

/** Another occurrence of the schedule may be at the same window. */
const ATTEMPTS = 3;

/** Takes to a window the labels that are of its predictions; what is left of each file is looked for elsewhere. */
export async function joinWindow(
  dependencies: MeasureQualityDependencies,
  occasion: Occasion,
  window: ServedWindow,
  files: readonly OpenFile[],
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const row = await findRow(dependencies, occasion, window);
    const predictions = row?.predictions ?? (await indexWindow(dependencies, occasion, window));
    const before = { ...window, row, predictions };
    const joined = predictions.document ? await join(dependencies, occasion, before, files) : undefined;
    const isKnown = row?.predictions !== undefined && !joined?.outcomes;
    const next: QualityRow = {
      ...(row ?? {
        model: occasion.model.model,
        version: window.version.version,
        start: window.start,
        end: window.end,
      }),
      revision: (row?.revision ?? 0) + 1,
      predictions,
      ...(joined?.outcomes && { outcomes: joined.outcomes }),
    };
    if (!isKnown && !(await dependencies.quality.saveQuality(next))) continue;
    joined?.files.forEach(({ left, effects }, i) => {
      const file = files[i]!;
      file.open = left;
      file.effects = addEffects(file.effects, effects);
    });
    return;
  }
  throw new Error(
    `expected to save the outcomes of ${window.start} within ${ATTEMPTS} attempts, got a change each time`,
  );
}

interface Before extends ServedWindow {
  readonly row: QualityRow | undefined;
  readonly predictions: NonNullable<QualityRow['predictions']>;
}

/** @returns what became of each file's labels; and the outcomes as they are stored now, where they changed */
async function join(
  { objects, buckets }: MeasureQualityDependencies,
  { model }: Occasion,
  { version, start, row, predictions }: Before,
  files: readonly OpenFile[],
): Promise<{ readonly files: readonly JoinedLabels[]; readonly outcomes?: QualityRow['outcomes'] }> {
  const index = decodeIndex(await objects.readBytes(predictions.document!));
  const known = row?.outcomes;
  const outcomes = known ? Outcomes.decode(await objects.readBytes(known.document)) : new Outcomes(sizeOf(index));
  const finder = new PredictionFinder(index);
  const joined = files.map(({ labels, open }) => joinLabels(finder, outcomes, labels, open));
  if (joined.every(({ effects }) => effects.new + effects.corrected === 0)) return { files: joined };
  const key = `${qualityFolder({ ...model, version: version.version }, start)}/outcomes.bin`;
  const document = await objects.put({ bucket: buckets.artifacts, key }, outcomes.encode(), 'application/octet-stream');
  const changes = (known?.changes ?? 0) + 1;
  return { files: joined, outcomes: { document, labelled: outcomes.labelled, changes } };
}

async function findRow(
  { quality }: MeasureQualityDependencies,
  { model }: Occasion,
  { version, start }: ServedWindow,
): Promise<QualityRow | undefined> {
  const rows = await quality.listQuality(model.model, version.version, start);
  return rows.find((row) => row.start === start);
}
