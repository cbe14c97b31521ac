import type { ModelRow } from '../model.ts';

/** A model, endpoint configuration or endpoint of SageMaker whose name begins with the deployment's prefix. */
export interface HostedResource {
  readonly kind: 'model' | 'endpoint-configuration' | 'endpoint';
  readonly name: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Names of what it uses: a configuration its models, an endpoint its configurations. */
  readonly uses: readonly string[];
}

/** What is known of the models that resources name in their tag. */
export type KnownModels = ReadonlyMap<string, Pick<ModelRow, 'champion' | 'activeRelease' | 'rollingBack'> | undefined>;

export interface SweepRule {
  /** Of a model's configurations and deployed models, so many of the newest are kept. */
  readonly keep: number;
  readonly at: Date;
}

export interface Orphan extends HostedResource {
  readonly model: string;
  readonly why: string;
}

export interface Sweep {
  /** In the order in which they can be deleted: what uses something before what it uses. */
  readonly orphans: readonly Orphan[];
  /** How many are kept, by reason. */
  readonly kept: Readonly<Record<string, number>>;
}

const DAY_MS = 86_400_000;
const MODEL_TAG = 'launchway:model';
/** `launchway-prod-flights-v7`: what a deployment made, not a validation. */
const DEPLOYED = /-v\d+$/;

/**
 * What hosting holds that nobody uses any more (F16). Kept, first reason first: what carries no tag of Launchway's; what is
 * younger than a day, since a run may be about to use it; everything of a model while a release or a rollback of it is open; what an
 * endpoint, a kept configuration or the model's row refers to; and the newest `keep` of each kind and model.
 *
 * @throws {RangeError} keep below 1: a rollback is quicker where the former configuration is there
 */
export function sweepOf(resources: readonly HostedResource[], known: KnownModels, rule: SweepRule): Sweep {
  if (!Number.isInteger(rule.keep) || rule.keep < 1)
    throw new RangeError(`expected to keep 1 or more, got ${rule.keep}`);
  const orphans: Orphan[] = [];
  const kept: Record<string, number> = {};
  const used = new Set([...known.values()].flatMap((row) => row?.champion?.endpointConfigName ?? []));
  // From what serves downwards: whatever is kept keeps what it uses.
  for (const kind of ['endpoint', 'endpoint-configuration', 'model'] as const) {
    const ofKind = resources.filter((one) => one.kind === kind).sort((a, b) => (a.createdAt > b.createdAt ? -1 : 1));
    const newest = new Map<string, number>();
    for (const resource of ofKind) {
      const model = resource.tags[MODEL_TAG];
      const reason = whyKept(resource, model, known, used, newest, rule);
      if (reason === undefined)
        orphans.push({ ...resource, model: model!, why: whyOrphaned(resource, known.get(model!)) });
      else {
        kept[reason] = (kept[reason] ?? 0) + 1;
        for (const name of resource.uses) used.add(name);
      }
    }
  }
  return { orphans, kept };
}

function whyKept(
  { kind, name, createdAt }: HostedResource,
  model: string | undefined,
  known: KnownModels,
  used: ReadonlySet<string>,
  newest: Map<string, number>,
  { keep, at }: SweepRule,
): string | undefined {
  if (model === undefined) return 'no tag of Launchway';
  const row = known.get(model);
  const rank = rankOf(kind, name, model, newest);
  if (at.getTime() - Date.parse(createdAt) < DAY_MS) return 'younger than a day';
  if (row?.activeRelease !== undefined || row?.rollingBack !== undefined) return 'a release or rollback is open';
  if (kind === 'endpoint') return row?.champion?.endpointName === name ? 'serves' : undefined;
  if (used.has(name)) return 'used';
  return row && rank < keep ? `among the newest ${keep}` : undefined;
}

/** From 0, the newest first; what a validation made has none. */
function rankOf(kind: HostedResource['kind'], name: string, model: string, newest: Map<string, number>): number {
  if (kind === 'model' && !DEPLOYED.test(name)) return Number.POSITIVE_INFINITY;
  const rank = newest.get(model) ?? 0;
  newest.set(model, rank + 1);
  return rank;
}

function whyOrphaned({ kind, name }: HostedResource, row: ReturnType<KnownModels['get']>): string {
  if (!row) return 'its model is not known';
  if (kind === 'endpoint')
    return row.champion ? `${row.champion.endpointName} serves the model` : 'its model serves nothing';
  if (kind === 'model' && !DEPLOYED.test(name)) return 'its validation is over';
  return 'no endpoint uses it, and newer ones are kept';
}
