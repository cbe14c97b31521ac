import { type ChainAnchors, type ChainGrowth, hourOf, hoursBetween } from '../../domain/audit-anchors.ts';
import { type ChainVerdict, verifyExtension } from '../../domain/audit-chain.ts';
import type { AlertPublisher } from '../../domain/monitoring/ports.ts';
import type { Now } from '../../domain/ports.ts';
import type { AnchorChainsInput, AnchorChainsOutput } from './contract.ts';

export interface AnchorChainsDependencies {
  readonly growth: ChainGrowth;
  readonly anchors: ChainAnchors;
  readonly publisher: AlertPublisher;
  readonly now: Now;
}

const HOUR_MS = 3_600_000;

/**
 * Keeps the head of every chain that has grown, where nobody can change it, after checking that the chain continues what was kept
 * before. It looks at every hour since the last one that it finished, so an outage leaves no gap.
 */
export const anchorChains =
  ({ growth, anchors, publisher, now }: AnchorChainsDependencies) =>
  async (_input: AnchorChainsInput): Promise<AnchorChainsOutput> => {
    const current = hourOf(now());
    const before = hourOf(new Date(now().getTime() - HOUR_MS));
    // An entry may reach the index after its hour is over, so the last finished hour is looked at again.
    const hours = hoursBetween((await growth.hourDone()) ?? before, current);
    const models = new Set<string>();
    for (const hour of hours) for (const model of await growth.modelsIn(hour)) models.add(model);
    const broken: string[] = [];
    let anchored = 0;
    for (const model of [...models].sort()) {
      const verdict = await anchor({ growth, anchors }, model);
      if (verdict.intact) anchored += 1;
      else {
        broken.push(model);
        await publisher.publish(alertOf(model, verdict));
      }
    }
    await growth.setHourDone(before);
    return { anchored, broken };
  };

async function anchor(
  { growth, anchors }: Pick<AnchorChainsDependencies, 'growth' | 'anchors'>,
  model: string,
): Promise<ChainVerdict> {
  const last = await growth.lastHead(model);
  const entries = await growth.entriesAfter(model, last?.sequence ?? 0);
  const verdict = verifyExtension(model, last, entries);
  const newest = entries.at(-1);
  // What does not continue the chain is not made its head: the heads say how far it was whole.
  if (!verdict.intact || !newest) return verdict;
  const head = { model, sequence: newest.sequence, hash: newest.hash };
  await anchors.keep(head);
  await growth.setLastHead(head);
  return verdict;
}

const alertOf = (model: string, { sequence, problem, why }: Extract<ChainVerdict, { intact: false }>) => ({
  event: 'trigger' as const,
  subject: `Launchway: the audit chain of ${model} is broken at entry ${sequence}`,
  message: [
    `The audit chain of ${model} does not continue what was kept of it: entry ${sequence} is ${problem} (${why}).`,
    `Somebody changed the table past Launchway. Do: launchway audit verify ${model}, then the runbook's entry "audit chain".`,
  ].join('\n'),
  dedupKey: `audit-chain/${model}/${sequence}`,
});
