import { NotFoundError } from '../../domain/errors.ts';
import type { LineageStore } from '../../domain/ports.ts';
import { type Candidate, candidateOf, lastServed } from '../../domain/staleness/choose-versions.ts';
import type { DefinitionReader } from './read-definition.ts';

/**
 * The last versions that people let serve and how they stand to the one that serves, which comes first.
 *
 * @param most how many, the one that serves included
 * @throws {NotFoundError} none serves
 */
export async function servedCandidates(
  { lineage, readDefinition }: { readonly lineage: LineageStore; readonly readDefinition: DefinitionReader },
  model: string,
  most: number,
): Promise<Candidate[]> {
  const { champion } = await lineage.getModel(model);
  if (!champion) throw new NotFoundError(`expected a version of ${model} that serves, got none`);
  const known = await Promise.all(
    lastServed(await lineage.listVersions(model), champion.version, most).map(async (row) => ({
      row,
      definition: await readDefinition(row.definition),
      release: await lineage.getRelease(model, row.release),
    })),
  );
  return known.map((version) => candidateOf(version, known[0]!));
}
