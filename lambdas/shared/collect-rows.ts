import { readLabelFile } from '../../adapters/label-file.ts';
import { addTallies, emptyTally, unreadOf } from '../../domain/capture/capture-layout.ts';
import { endpointNameOf } from '../../domain/deployment/serving-container.ts';
import type { CaptureFile } from '../../domain/monitoring/capture-batches.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import { LabelLookup } from '../../domain/quality/label-lookup.ts';
import { type LabelSet, labelsIn } from '../../domain/quality/label-set.ts';
import type { QualityStore } from '../../domain/quality/ports.ts';
import { readTargets } from '../../domain/quality/read-targets.ts';
import { truthReader } from '../../domain/quality/truth-reader.ts';
import type { KnownVersion } from '../../domain/staleness/choose-versions.ts';
import { type LabelledRow, LabelledSample, MOST_ROWS } from '../../domain/staleness/labelled-sample.ts';
import type { MeasuredRows } from '../../domain/staleness/rows.ts';
import { sampleOfFiles } from '../../domain/staleness/sample-of-files.ts';
import { listHours } from './list-hours.ts';
import { readCaptureFiles } from './read-capture-files.ts';

export interface CollectRowsDependencies {
  readonly objects: ObjectStore;
  readonly quality: Pick<QualityStore, 'listLabelFiles'>;
  readonly prefix: string;
  readonly buckets: { readonly captures: string };
}

const HOUR_MS = 3_600_000;
/** Captures that are read at most; of more, a sample of files. */
const MOST_BYTES = 512 * 1024 * 1024;
/** Labels that are held at most; older files are left out. */
const MOST_LABELS = 2_000_000;

type ServedVersion = Pick<KnownVersion, 'row' | 'definition'>;

export interface CollectedRows {
  readonly rows: readonly LabelledRow[];
  readonly measuredOn: MeasuredRows;
}

/**
 * Predictions of a stretch of time whose outcome is known, as they were asked: captures joined with the labels that were uploaded.
 *
 * @param versions whose captures are read; they have one set of features
 * @param most rows; of more, a sample
 */
export async function collectRows(
  dependencies: CollectRowsDependencies,
  champion: ServedVersion,
  versions: readonly ServedVersion[],
  { from, until }: { readonly from: string; readonly until: string },
  most = MOST_ROWS,
): Promise<CollectedRows> {
  const { objects, buckets } = dependencies;
  const { lookup, leftOut } = await readLabels(dependencies, champion, from, until);
  const all = await captureFiles(dependencies, versions, from, until);
  const chosen = sampleOfFiles(all, MOST_BYTES);
  const sample = new LabelledSample(most);
  let tally = emptyTally();
  for (const { row, definition } of versions) {
    const keys = chosen.filter(({ version }) => version === row.version).map(({ key }) => key);
    const { features, serving } = definition;
    const layout = { features: features.map(({ name }) => name), scoreColumn: serving.response.scoreColumn };
    const read = await readCaptureFiles(objects, buckets.captures, keys, layout, {
      row: (values, _prediction, metadata, index) => {
        const truth = lookup.find(metadata, index);
        if (truth !== undefined) sample.add(metadata, index, values, truth);
      },
    });
    tally = addTallies(tally, read);
  }
  const rows = sample.finish();
  return {
    rows,
    measuredOn: {
      ...{ rows: rows.length, from, until, labelled: sample.labelled, predictions: tally.rows },
      ...{ files: all.length, filesRead: chosen.length, unread: unreadOf(tally) + sample.unsendable },
      labelFilesLeftOut: leftOut,
    },
  };
}

/** Captures are filed by whole hours, and only S3's own key says when a prediction was made. @param at ms since 1970 */
export const nextWholeHour = (at: number): string => new Date(Math.ceil(at / HOUR_MS) * HOUR_MS).toISOString();

/** Labels of a prediction are uploaded after it was made, so older files name none of these. */
async function readLabels(
  { objects, quality }: CollectRowsDependencies,
  { row, definition }: ServedVersion,
  from: string,
  until: string,
): Promise<{ readonly lookup: LabelLookup; readonly leftOut: number }> {
  const files = await quality.listLabelFiles(row.model, new Date(from), new Date(until));
  const readTruth = truthReader(definition.problem, await readTargets(objects, row, definition));
  const sets: LabelSet[] = [];
  let [held, leftOut] = [0, 0];
  for (const file of files.toReversed()) {
    const read = held < MOST_LABELS ? await readLabelFile(objects, file, definition, readTruth) : undefined;
    if (!read || 'refused' in read) leftOut += 1;
    else {
      sets.unshift(read.labels);
      held += labelsIn(read.labels);
    }
  }
  return { lookup: new LabelLookup(sets), leftOut };
}

type VersionFile = CaptureFile & { readonly version: number };

async function captureFiles(
  { objects, buckets, prefix }: CollectRowsDependencies,
  versions: readonly ServedVersion[],
  from: string,
  until: string,
): Promise<VersionFile[]> {
  const files: VersionFile[] = [];
  for (const { row } of versions) {
    const { team, model, version } = row;
    const served = { team, model, version, endpointName: endpointNameOf(prefix, model) };
    for (const hour of await listHours(objects, buckets.captures, served, { start: from, end: until }))
      files.push(...hour.files.map((file) => ({ ...file, version })));
  }
  return files;
}
