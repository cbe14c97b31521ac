import { readSealedFiles } from '../../adapters/sealed-files.ts';
import { sha256Hex } from '../../adapters/sha256.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { sameFeatures } from '../../domain/evaluation/compare.ts';
import {
  capturedListKey,
  capturedPartName,
  capturedSince,
  isCapturedPart,
  partNameFor,
} from '../../domain/intake/captured-dataset.ts';
import { capturedRecords, mergeRecords } from '../../domain/intake/captured-table.ts';
import { peopleBehind } from '../../domain/intake/person-of.ts';
import { folderOf } from '../../domain/intake/upload-key.ts';
import type { ModelRow, ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { LineageStore, Now, ObjectStore } from '../../domain/ports.ts';
import { LEAST_LABELLED } from '../../domain/quality/evaluate-window.ts';
import { readTargets } from '../../domain/quality/read-targets.ts';
import { truthText } from '../../domain/quality/truth-reader.ts';
import type { Candidate } from '../../domain/staleness/choose-versions.ts';
import type { SealedFile } from '../../domain/step-results.ts';
import { csvLine } from '../../domain/tabular/csv-records.ts';
import { showBytes, sizeLimits } from '../../domain/tabular/size-limits.ts';
import { type CollectRowsDependencies, collectRows, nextWholeHour } from '../shared/collect-rows.ts';
import type { CollectCaptures } from '../shared/govern-retraining.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import { servedCandidates } from '../shared/served-candidates.ts';
import { type LearntFiles, readLearnt } from './read-learnt.ts';

export interface CollectCapturesDependencies extends CollectRowsDependencies {
  readonly lineage: LineageStore;
  /** Reads a definition as it was accepted, whatever is deployed now. */
  readonly readDefinition: DefinitionReader;
  readonly config: Pick<DeployedConfig, 'teams' | 'people'>;
  readonly now: Now;
  readonly buckets: { readonly captures: string; readonly intake: string };
}

/** Captured rows of a dataset at most; of more, the newest. */
const MOST_CAPTURED = 100_000;
/** Held as one text. */
const MOST_CAPTURED_BYTES = 250_000_000;
/** Versions whose captures are read. */
const MOST_VERSIONS = 5;

/**
 * Uploads what the champion learnt from together with the labelled predictions that were made since, as people upload a dataset of
 * several files; it is admitted like any other. At most once a day for one champion, under a name that is written once.
 */
export const collectCaptures =
  (dependencies: CollectCapturesDependencies): CollectCaptures =>
  async ({ model, queued }, definition) => {
    const { objects, buckets, now } = dependencies;
    const candidates = await servedCandidates(dependencies, model, MOST_VERSIONS);
    const champion = candidates[0]!;
    const learnt = await learntFiles(objects, champion);
    const impossible = whyNot(definition, champion, learnt.people);
    if (impossible !== undefined) return { kind: 'nothing', why: impossible };
    const since = sinceOf(champion);
    const until = now().toISOString();
    const list: ObjectRef = {
      bucket: buckets.intake,
      key: capturedListKey({ model, since, champion: champion.row.version, day: until.slice(0, 10) }),
    };
    if (await objects.head(list))
      return {
        kind: 'uploaded',
        why: `${list.key} was uploaded today; where it is not queued, its admission or its release refused it, and the next is made tomorrow`,
      };
    const from = nextWholeHour(Date.parse(since));
    const made = await makePart(dependencies, definition, candidates, learnt, { from, until });
    if ('why' in made) return { kind: 'nothing', why: made.why };
    const lines = await uploadFiles(dependencies, list, learnt.people, made.part);
    const overtaken = await newerThan(dependencies, model, queued);
    if (overtaken !== undefined) return { kind: 'uploaded', why: `${overtaken} was uploaded meanwhile, and is taken` };
    // Without it nothing is admitted. Of two at once, the one whose list is first counts.
    await objects.putOnce(list, lines, 'text/plain');
    return {
      kind: 'uploaded',
      why: `${made.added} labelled predictions since ${from} were uploaded with what version ${champion.row.version} learnt from as ${list.key}`,
    };
  };

type MadePart = { readonly part: string; readonly added: number } | { readonly why: string };

/** The file of captured rows, those included that the champion learnt from. */
async function makePart(
  dependencies: CollectCapturesDependencies,
  definition: ModelDefinition,
  candidates: readonly Candidate[],
  learnt: LearntFiles,
  period: { readonly from: string; readonly until: string },
): Promise<MadePart> {
  const { objects } = dependencies;
  const champion = candidates[0]!;
  const quality = labelsOfTeam(dependencies, champion.row.team);
  const tooFew = (rows: number): MadePart => ({
    why: `expected ${LEAST_LABELLED} labelled predictions since ${period.from} that version ${champion.row.version} did not learn from, got ${rows}`,
  });
  const labels = await quality.listLabelFiles(champion.row.model, new Date(period.from), new Date(period.until));
  if (labels.length === 0) return tooFew(0);
  const versions = candidates.filter(({ notCompared }) => !notCompared);
  const { rows } = await collectRows({ ...dependencies, quality }, champion, versions, period, MOST_CAPTURED);
  if (rows.length < LEAST_LABELLED) return tooFew(rows.length);
  const before = await readLearnt(objects, learnt, definition, new Set(rows.map(({ id }) => id)));
  const { header } = before.style;
  const outcomeText = truthText(definition.problem, await readTargets(objects, champion.row, champion.definition));
  const all = capturedRecords(definition, rows, before.style, outcomeText);
  const fresh = new Map([...all].filter(([id]) => !before.ids.has(id)));
  const added = [...fresh.keys()].filter((id) => !before.captured.has(id)).length;
  if (added < LEAST_LABELLED) return tooFew(added);
  const time = header.indexOf(definition.columns.timestamp ?? '');
  const columns = { ...(time !== -1 && { time }), target: header.indexOf(definition.problem.target) };
  const merged = mergeRecords(before.captured, fresh, columns, MOST_CAPTURED);
  const lines = [header, ...merged].map(csvLine);
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  const tooMuch = whyTooMuch(definition, champion, merged.length, bytes);
  return tooMuch === undefined ? { part: lines.join(''), added } : { why: tooMuch };
}

/** Whoever may approve a release has not made its rows: labels of people outside the team do not count, as they may be asked. */
const labelsOfTeam = (
  { quality, config }: Pick<CollectCapturesDependencies, 'quality' | 'config'>,
  team: string,
): CollectCapturesDependencies['quality'] => ({
  listLabelFiles: async (...asked) =>
    (await quality.listLabelFiles(...asked)).filter(({ submitter: { person, principal } }) =>
      (person === undefined ? peopleBehind(principal, config) : [person]).every((one) =>
        config.teams[team]?.members.includes(one),
      ),
    ),
});

/** People's own dataset says since when: one that was collected holds rows of before it was uploaded, whose labels come later. */
function sinceOf({ release, age }: Candidate): string {
  const since = capturedSince(release.inputs.dataset.key);
  return since !== undefined && since < age.learntUntil ? since : new Date(age.learntUntil).toISOString();
}

async function learntFiles(objects: ObjectStore, { row, release }: Candidate): Promise<LearntFiles> {
  const { key } = release.inputs.dataset;
  const files = await readSealedFiles(objects, row.dataset);
  return {
    people: files.filter(({ name }) => !isCapturedPart(key, name)),
    captured: files.filter(({ name }) => isCapturedPart(key, name)),
  };
}

function whyNot(definition: ModelDefinition, champion: Candidate, learnt: readonly SealedFile[]): string | undefined {
  const { version } = champion.row;
  const asked = ({ columns, problem: { decisionThreshold: _, ...problem } }: ModelDefinition) =>
    canonicalJson({ problem, id: columns.id, timestamp: columns.timestamp ?? null });
  if (!sameFeatures(definition, champion.definition) || asked(definition) !== asked(champion.definition))
    return `captures of version ${version} make no rows of model.yaml as it is now: features, problem, id or timestamp changed; upload a dataset`;
  const other = learnt.find(({ name }) => !/\.csv$/i.test(name));
  return other && `captured rows are written as CSV, and version ${version} learnt from ${other.name}`;
}

function whyTooMuch({ data }: ModelDefinition, { row }: Candidate, rows: number, bytes: number): string | undefined {
  if (bytes > MOST_CAPTURED_BYTES)
    return `expected captured rows of at most ${showBytes(MOST_CAPTURED_BYTES)}, got ${showBytes(bytes)}; upload a sample`;
  const limit = sizeLimits(data.test.split);
  const { trainRows, holdoutRows } = row.prepared;
  if (row.dataset.bytes + bytes <= limit.bytes && trainRows + holdoutRows + rows <= limit.rows) return undefined;
  return `what version ${row.version} learnt from and captured rows would be more than ${showBytes(limit.bytes)} or ${limit.rows} rows together; upload a sample`;
}

/** Only the newest upload waits: a list would take the place of what somebody uploaded while rows were collected. @returns its key */
async function newerThan(
  { lineage }: CollectCapturesDependencies,
  model: string,
  seen: ModelRow['queued'],
): Promise<string | undefined> {
  const { queued } = await lineage.getModel(model);
  const isSeen = queued?.dataset.key === seen?.dataset.key && queued?.dataset.versionId === seen?.dataset.versionId;
  return isSeen ? undefined : queued?.dataset.key;
}

/** What is collected now takes the place of what was before. @returns the list of the files */
async function uploadFiles(
  { objects }: CollectCapturesDependencies,
  list: ObjectRef,
  kept: readonly SealedFile[],
  part: string,
): Promise<string> {
  const beside = (name: string): ObjectRef => ({ bucket: list.bucket, key: `${folderOf(list.key)}${name}` });
  const sha256 = sha256Hex(part);
  const files = kept.map((file) => ({ object: file.object, sha256: file.object.sha256, name: partNameFor(file.name) }));
  for (const { object, name } of files) await objects.copy(object, beside(name));
  const name = capturedPartName(sha256);
  await objects.putOnce(beside(name), part, 'text/csv');
  return [...files, { sha256, name }].map((file) => `${file.sha256}  ${file.name}\n`).join('');
}
