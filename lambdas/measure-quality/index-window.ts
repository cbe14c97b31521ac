import { type CaptureTally, unreadOf } from '../../domain/capture/capture-layout.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { qualityFolder } from '../../domain/monitoring/keys.ts';
import { encodeIndex, PredictionIndexBuilder, sizeOf } from '../../domain/quality/prediction-index.ts';
import type { WindowPredictions } from '../../domain/quality/rows.ts';
import { listHours } from '../shared/list-hours.ts';
import { readCaptureFiles } from '../shared/read-capture-files.ts';
import type { ServedWindow } from './find-windows.ts';
import type { MeasureQualityDependencies, Occasion } from './measure-quality.ts';

/**
 * Reads a window's captures, once, for what outcomes are joined to: the ids and scores of its predictions.
 *
 * @returns what was found; without a document where there is no prediction to join to
 */
export async function indexWindow(
  dependencies: Pick<MeasureQualityDependencies, 'objects' | 'buckets' | 'readDefinition'>,
  { model }: Pick<Occasion, 'model'>,
  { version, start, end }: ServedWindow,
): Promise<WindowPredictions> {
  const { objects, buckets, readDefinition } = dependencies;
  const { team, model: name } = model;
  const served = { team, model: name, version: version.version, endpointName: model.champion!.endpointName };
  const hours = await listHours(objects, buckets.captures, served, { start, end });
  const keys = hours.flatMap(({ files }) => files.map(({ key }) => key));
  const definition = await readDefinition(version.definition);
  const { builder, tally } = await readPredictions(dependencies, keys, definition);
  const index = builder.finish();
  const document = sizeOf(index) === 0 ? undefined : await store(objects, buckets.artifacts, served, start, index);
  const { rows, fraction, withoutId, withoutScore, repeated } = index;
  return {
    ...(document && { document }),
    ...{ rows, kept: sizeOf(index), fraction, withoutId, withoutScore, repeated },
    unread: unreadOf(tally),
  };
}

const store = (
  objects: MeasureQualityDependencies['objects'],
  bucket: string,
  served: Parameters<typeof qualityFolder>[0],
  start: string,
  index: Parameters<typeof encodeIndex>[0],
): Promise<ObjectRef> =>
  objects.put(
    { bucket, key: `${qualityFolder(served, start)}/predictions.bin` },
    encodeIndex(index),
    'application/octet-stream',
  );

async function readPredictions(
  { objects, buckets }: Pick<MeasureQualityDependencies, 'objects' | 'buckets'>,
  keys: readonly string[],
  { features, problem, serving }: ModelDefinition,
): Promise<{ readonly builder: PredictionIndexBuilder; readonly tally: CaptureTally }> {
  const width = problem.classes?.length ?? 1;
  const { scoreColumn } = serving.response;
  const layout = { features: features.map(({ name }) => name), scoreColumn };
  const builder = new PredictionIndexBuilder(width);
  const tally = await readCaptureFiles(objects, buckets.captures, keys, layout, {
    row: (_features, _prediction, metadata, index, answer) =>
      builder.add(metadata, index, answer?.slice(scoreColumn, scoreColumn + width)),
  });
  return { builder, tally };
}
