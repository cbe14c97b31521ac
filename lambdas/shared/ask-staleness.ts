import { sha256Hex } from '../../adapters/sha256.ts';
import type { StalenessExecutions, StalenessStore } from '../../domain/staleness/ports.ts';
import type { StalenessRow, StalenessWish } from '../../domain/staleness/rows.ts';

export interface AskStalenessDependencies {
  readonly staleness: Pick<StalenessStore, 'ask' | 'get' | 'list'>;
  readonly stalenessExecutions: StalenessExecutions;
}

/** Who asks, when, and by what: a request, or an occurrence of a schedule. */
type Asking = Pick<StalenessRow, 'askedAt' | 'askedBy' | 'origin'>;

/**
 * Has the last versions of a model held against the same recent predictions. However often it is asked by the same origin it is
 * one measurement: its row and its execution are named after it. A start that was lost is made up for when it is asked again.
 */
export async function askStaleness(
  { staleness, stalenessExecutions }: AskStalenessDependencies,
  model: string,
  { askedAt, askedBy, origin }: Asking,
  { versions, days }: StalenessWish,
): Promise<void> {
  const id = `${askedAt.replaceAll(/[-:.]/g, '')}-${sha256Hex(origin).slice(0, 8)}`;
  const executionName = `${model}-staleness-${id}`;
  const asked: StalenessRow = {
    ...{ model, id, status: 'Asked', askedAt, askedBy, origin, executionName, versions, days },
  };
  const isNew = await staleness.ask(asked, {
    type: 'StalenessAsked',
    actor: askedBy.person ?? askedBy.principal,
    subject: `staleness/${id}`,
    details: { principal: askedBy.principal, versions, days },
  });
  const row = isNew ? asked : await staleness.get(model, id);
  if (row.status === 'Asked') await stalenessExecutions.start(row.executionName, { model, id });
}
