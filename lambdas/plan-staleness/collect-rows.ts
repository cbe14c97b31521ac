import { readLabelFile } from '../../adapters/label-file.ts';
import { addTallies, emptyTally, unreadOf } from '../../domain/capture/capture-layout.ts';
import { endpointNameOf } from '../../domain/deployment/serving-container.ts';
import type { CaptureFile } from '../../domain/monitoring/capture-batches.ts';
import { LabelLookup } from '../../domain/quality/label-lookup.ts';
import { type LabelSet, labelsIn } from '../../domain/quality/label-set.ts';
import { readTargets } from '../../domain/quality/read-targets.ts';
import { truthReader } from '../../domain/quality/truth-reader.ts';
import type { Candidate } from '../../domain/staleness/choose-versions.ts';
import { type LabelledRow, LabelledSample } from '../../domain/staleness/labelled-sample.ts';
import type { MeasuredRows } from '../../domain/staleness/rows.ts';
import { sampleOfFiles } from '../../domain/staleness/sample-of-files.ts';
import { listHours } from '../shared/list-hours.ts';
import { readCaptureFiles } from '../shared/read-capture-files.ts';
import type { PlanStalenessDependencies } from './plan-staleness.ts';

/** Captures that are read at most; of more, a sample of files. */
const MOST_BYTES = 512 * 1024 * 1024;
/** Labels that are held at most; older files are left out. */
const MOST_LABELS = 2_000_000;

export interface CollectedRows {
  readonly rows: readonly LabelledRow[];
  readonly measuredOn: MeasuredRows;
}

/**
 * Predictions of a stretch of time whose outcome is known, as they were asked: captures joined with the labels that were uploaded.
 *
 * @param versions whose captures are read; they have one set of features
 */
export async function collectRows(
  dependencies: PlanStalenessDependencies,
  champion: Candidate,
  versions: readonly Candidate[],
  { from, until }: { readonly from: string; readonly until: string },
): Promise<CollectedRows> {
  const { objects, buckets } = dependencies;
  const { lookup, leftOut } = await readLabels(dependencies, champion, from, until);
  const all = await captureFiles(dependencies, versions, from, until);
  const chosen = sampleOfFiles(all, MOST_BYTES);
  const sample = new LabelledSample();
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

/** Labels of a prediction are uploaded after it was made, so older files name none of these. */
async function readLabels(
  { objects, quality }: PlanStalenessDependencies,
  { row, definition }: Candidate,
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
  { objects, buckets, prefix }: PlanStalenessDependencies,
  versions: readonly Candidate[],
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
