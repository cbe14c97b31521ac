import { type InspectedArchive, inspectTarGz } from '../../adapters/tar-archive.ts';
import { ArtifactRefusedError } from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { SealedArtifact } from '../../domain/step-results.ts';
import { METRICS_FILE, parseCustomMetrics } from '../../domain/training/custom-metrics.ts';
import { parseLibraryVersions, VERSIONS_FILE } from '../../domain/training/library-versions.ts';

/** What a training program may say of itself, at the top of the model archive or of the job's output. */
export const REPORTS = [METRICS_FILE, VERSIONS_FILE] as const;

/** Beyond this, what a job wrote beside its model is not looked through. */
const MAX_OUTPUT_BYTES = 100 * 1024 * 1024;

/** What was read of it, and what of it cannot be used. */
export type Reports = Pick<SealedArtifact, 'findings' | 'customMetrics' | 'libraries'>;

/** @param beside what the job wrote beside the model, where it may have written anything; the model's own reports come first */
export async function readReports(
  objects: ObjectStore,
  model: InspectedArchive,
  beside: ObjectRef | undefined,
): Promise<Reports> {
  const own = reportsIn(model);
  if (!beside || (own.customMetrics && own.libraries)) return own;
  const other = await reportedBeside(objects, beside);
  const findings = [...own.findings, ...(own.customMetrics ? [] : other.findings)];
  return { ...other, ...own, findings };
}

function reportsIn({ manifest, documents }: InspectedArchive): Reports {
  const has = (name: string) => manifest.some(({ path }) => path === name);
  const textOf = (name: string) => (documents.has(name) ? new TextDecoder().decode(documents.get(name)) : undefined);
  const reported = has(METRICS_FILE) ? parseCustomMetrics(textOf(METRICS_FILE)) : undefined;
  const libraries = has(VERSIONS_FILE) ? parseLibraryVersions(textOf(VERSIONS_FILE)) : undefined;
  return {
    findings: reported?.findings ?? [],
    ...(reported && { customMetrics: reported.metrics }),
    ...(libraries && { libraries }),
  };
}

/** What the job wrote to /opt/ml/output/data arrives as output.tar.gz beside the model, where it wrote anything. */
async function reportedBeside(objects: ObjectStore, model: ObjectRef): Promise<Reports> {
  const at = { bucket: model.bucket, key: model.key.replace(/[^/]*$/, 'output.tar.gz') };
  const head = await objects.head(at);
  if (!head || head.bytes > MAX_OUTPUT_BYTES) return { findings: [] };
  try {
    return reportsIn(await inspectTarGz(await objects.read(at), { documents: REPORTS }));
  } catch (error) {
    if (!(error instanceof ArtifactRefusedError)) throw error;
    // Nothing of it is served: a hostile output is told of, and stops nobody.
    return { customMetrics: {}, findings: [`output.tar.gz of the training job was not read: ${error.message}.`] };
  }
}
