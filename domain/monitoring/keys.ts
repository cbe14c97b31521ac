import type { ObjectRef } from '../model.ts';
import type { PreparedData } from '../step-results.ts';

/** The variant that every endpoint of ours has; it keeps its name over all versions. */
export const VARIANT = 'live';

export interface Served {
  readonly team: string;
  readonly model: string;
  readonly version: number;
  readonly endpointName: string;
}

/** Prefix of one day's captures. @param hour start of any hour of the day, ISO 8601 UTC */
export const captureDayPrefix = ({ team, model, version, endpointName }: Served, hour: string): string =>
  `${team}/${model}/v${version}/${endpointName}/${VARIANT}/${hour.slice(0, 10).replaceAll('-', '/')}/`;

/**
 * Start of the hour that a capture file belongs to, whatever the file is called: one that holds no captures is to be counted as
 * unreadable, and not to be passed over.
 *
 * @returns undefined for a key that is none
 */
export function hourOfCapture(key: string): string | undefined {
  const [, year, month, day, hour] = /\/(\d{4})\/(\d{2})\/(\d{2})\/([01]\d|2[0-3])\/[^/]+$/.exec(key) ?? [];
  return year === undefined ? undefined : `${year}-${month}-${day}T${hour}:00:00.000Z`;
}

/** @param hour start of the hour, ISO 8601 UTC */
export const profileKey = ({ team, model, version }: Omit<Served, 'endpointName'>, hour: string): string =>
  `${team}/${model}/profiles/v${version}/${hour.slice(0, 13)}.json`;

/** @param windowStart ISO 8601 UTC */
export const driftReportKey = ({ team, model, version }: Omit<Served, 'endpointName'>, windowStart: string): string =>
  `${team}/${model}/drift/v${version}/${windowStart}.json`;

/** Folder of what is known of a window's outcomes. @param windowStart ISO 8601 UTC */
export const qualityFolder = ({ team, model, version }: Omit<Served, 'endpointName'>, windowStart: string): string =>
  `${team}/${model}/quality/v${version}/${windowStart}`;

/** Folder of what was read of an uploaded file of outcomes. @param id of its row */
export const labelsFolder = ({ team, model }: Pick<Served, 'team' | 'model'>, id: string): string =>
  `${team}/${model}/labels/${id}`;

/** Folder of a measurement of the last versions: its rows among the captures, its report among the artifacts. @param id of its row */
export const stalenessFolder = ({ team, model }: Pick<Served, 'team' | 'model'>, id: string): string =>
  `${team}/${model}/staleness/${id}`;

/**
 * A file of a prepared dataset.
 *
 * @param path `train/train.csv`, `baseline.json`
 * @throws {RangeError} the folder is no s3:// URI
 */
export function preparedObject({ uri }: Pick<PreparedData, 'uri'>, path: string): ObjectRef {
  const [, bucket, folder] = /^s3:\/\/([^/]+)\/(.*?)\/?$/.exec(uri) ?? [];
  if (bucket === undefined || folder === undefined) throw new RangeError(`expected an s3:// folder, got ${uri}`);
  return { bucket, key: `${folder}/${path}` };
}
