import { READY } from './upload-key.ts';

/** What of a dataset's place says of captured rows. */
export interface CapturedPlace {
  readonly model: string;
  /** From then on predictions are in it: when the newest dataset of people's own was uploaded. ISO 8601 UTC with milliseconds. */
  readonly since: string;
  /** The version that serves. */
  readonly champion: number;
  /** UTC, `2026-02-20`: one dataset a day at most. */
  readonly day: string;
}

/** Where the list lies of a dataset that is made of what the champion learnt from and of captured rows. */
export const capturedListKey = ({ model, since, champion, day }: CapturedPlace): string =>
  `models/${model}/data/captured/${since.replace(/[-:.]/g, '')}/v${champion}-${day}/${READY}`;

const KEY =
  /^models\/[^/]+\/data\/captured\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\/v\d+-\d{4}-\d\d-\d\d\/_READY$/;

/** @returns since when captured rows are in the dataset that was uploaded so; undefined where it is one of people's own */
export function capturedSince(key: string): string | undefined {
  const [, year, month, day, hour, minute, second, millisecond] = KEY.exec(key) ?? [];
  if (year === undefined) return undefined;
  const since = `${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`;
  return Number.isNaN(Date.parse(since)) ? undefined : since;
}

/** @param sha256 of its contents, hex */
export const capturedPartName = (sha256: string): string => `part-captured-${sha256.slice(0, 16)}.csv`;

/**
 * Whether a file of a dataset holds captured rows. In a dataset of people's own it does not, whatever its name.
 *
 * @param list key under which the dataset was uploaded
 */
export const isCapturedPart = (list: string, name: string): boolean =>
  capturedSince(list) !== undefined && /^part-captured-[0-9a-f]{16}\.csv$/.test(name);

/** A name that a list may have: the one file of a dataset that is none of several gets it. */
export const partNameFor = (name: string): string => (/^(part-.*|test)\.csv$/i.test(name) ? name : 'part-0000.csv');
