import { activeOf } from '../../domain/admission.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition, RetrainPolicy } from '../../domain/model-definition.ts';
import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import { incidentAnswered, type RetrainRow, retrainId } from '../../domain/monitoring/retrain-decision.ts';
import {
  decisionBesideRows,
  mayRetrain,
  type Retraining,
  type RetrainRequest,
  type RetrainRule,
} from '../../domain/monitoring/retrain-governor.ts';
import type { ReleaseRow, RetrainTrigger } from '../../domain/release.ts';
import type { VersionRow } from '../../domain/version.ts';
import type { DefinitionReader } from './read-definition.ts';
import { type StartReleaseDependencies, startRelease } from './start-release.ts';

export interface GovernRetrainingDependencies extends StartReleaseDependencies {
  readonly monitoring: MonitoringStore;
  readonly readDefinition: DefinitionReader;
  /** Absent where nothing may be uploaded: the hourly governor does it then. */
  readonly collectCaptures?: CollectCaptures;
}

/** Makes a dataset of labelled predictions that the champion did not learn from, where there are enough. */
export type CollectCaptures = (model: ModelRow, definition: ModelDefinition) => Promise<CollectedCaptures>;

export interface CollectedCaptures {
  readonly kind: 'uploaded' | 'nothing';
  readonly why: string;
}

/** What asks, and why, for the release. */
export interface RetrainWish {
  readonly trigger: RetrainTrigger;
  readonly reason: string;
  /** Person id or step. */
  readonly actor: string;
}

const ATTEMPTS = 5;
/** Where a definition says nothing, as model.yaml's defaults. */
const CAUTIOUS: RetrainPolicy = {
  schedule: 'none',
  cooldownHours: 24,
  maxPerWeek: 2,
  monthlyBudgetUsd: 50,
  rows: 'uploads',
};

/**
 * Asks the governor, starts the release where it says yes, and keeps what it said, a yes like a no.
 *
 * The release is admitted by condition on the model's counter of releases, which is read before what the rules look at: two
 * callers at once cannot both be granted what one of them may have.
 */
export async function governRetraining(
  dependencies: GovernRetrainingDependencies,
  name: string,
  wish: RetrainWish,
): Promise<RetrainRow> {
  const { ledger, now } = dependencies;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const model = await ledger.getModel(name);
    const releases = await ledger.listReleases(name);
    const earlier = releases.find(({ retraining }) => retraining && retrainId(retraining) === retrainId(wish.trigger));
    if (earlier) return keep(dependencies, name, wish, { decision: 'started', release: earlier.release });
    const definition = await dependencies.readDefinition(model.definition);
    const request = await requestOf(dependencies, model, definition, releases, wish);
    const decision = mayRetrain(request, now());
    if (!decision.retrain) {
      const { rule, why } = decision;
      const collected = await collectedInstead(dependencies, model, definition, request);
      return keep(dependencies, name, wish, { decision: 'refused', rule, why, ...collected });
    }
    const started = await startRelease(dependencies)(model, model.queued!, {
      reason: decision.reason,
      trigger: wish.trigger,
      actor: wish.actor,
    });
    if (started.kind === 'started') {
      return keep(dependencies, name, wish, { decision: 'started', release: started.release });
    }
    if (started.kind === 'impossible') {
      return keep(dependencies, name, wish, { decision: 'refused', rule: 'not-startable', why: started.why });
    }
  }
  throw new Error(`expected to govern a retraining of ${name} within ${ATTEMPTS} attempts, got a change each time`);
}

/** Where captured rows count and none are queued: the other rule that says no, or else what became of collecting them. */
async function collectedInstead(
  { collectCaptures, now }: GovernRetrainingDependencies,
  model: ModelRow,
  definition: ModelDefinition,
  request: RetrainRequest,
): Promise<{ readonly rule?: RetrainRule; readonly why?: string }> {
  // Without a version that serves there are no captures, and a first dataset starts its release by itself.
  if (definition.monitoring.retrain?.rows !== 'captures' || !model.champion) return {};
  const beside = decisionBesideRows(request, now());
  if (!beside) return {};
  if (!beside.retrain) return { rule: beside.rule, why: beside.why };
  if (!collectCaptures)
    return {
      rule: 'rows-on-their-way',
      why: 'labelled predictions are collected within the hour, and it is asked again',
    };
  const { kind, why } = await collectCaptures(model, definition);
  return kind === 'uploaded' ? { rule: 'rows-on-their-way', why } : { why };
}

async function requestOf(
  { ledger }: GovernRetrainingDependencies,
  model: ModelRow,
  { monitoring, training }: ModelDefinition,
  releases: readonly ReleaseRow[],
  { trigger, reason }: RetrainWish,
): Promise<RetrainRequest> {
  const active = await activeOf(ledger, model);
  const champion = model.champion && (await ledger.getVersion(model.model, model.champion.version));
  const learnt = releases.find(({ release }) => release === champion?.release);
  const incident = incidentAnswered(trigger);
  return {
    policy: monitoring.retrain ?? CAUTIOUS,
    reason,
    ...(incident !== undefined && { incident }),
    newestLabelledAt: model.queued?.uploadedAt,
    championLearntUntil: learnt && (learnt.inputs.uploadedAt ?? learnt.admittedAt),
    releaseOpen: active !== undefined && active.status !== 'AwaitingApproval',
    approvalOpen: active?.status === 'AwaitingApproval',
    expectedCostUsd: expectedCost(champion, releases, training),
    past: releases.filter(({ retraining }) => retraining).map(retrainingOf),
    answered: new Set(releases.flatMap(({ retraining }) => (retraining && incidentAnswered(retraining)) ?? [])),
  };
}

const retrainingOf = ({ admittedAt, endedAt, steps }: ReleaseRow): Retraining => ({
  startedAt: admittedAt,
  ...(endedAt !== undefined && { endedAt }),
  costUsd: steps.training?.costUsd ?? 0,
});

/** What the newest training that was paid for cost; a release that adopted another's cost nothing and says nothing. */
function expectedCost(
  champion: VersionRow | undefined,
  releases: readonly ReleaseRow[],
  { maxRuntimeMinutes }: ModelDefinition['training'],
): number {
  const paid = releases.findLast(({ steps }) => (steps.training?.costUsd ?? 0) > 0)?.steps.training;
  if (paid?.costUsd !== undefined) return paid.costUsd;
  // Nothing was ever priced: what a whole run of the champion's would cost at a US dollar an hour, rather than nothing.
  return champion?.training?.costUsd ?? maxRuntimeMinutes / 60;
}

type Answer =
  | { readonly decision: 'started'; readonly release: number }
  | { readonly decision: 'refused'; readonly rule: RetrainRule; readonly why: string };

async function keep(
  { monitoring, now }: GovernRetrainingDependencies,
  model: string,
  { trigger, reason, actor }: RetrainWish,
  answer: Answer,
): Promise<RetrainRow> {
  const id = retrainId(trigger);
  const at = now().toISOString();
  const before = await monitoring.findRetrainDecision(model, id);
  const row: RetrainRow = {
    ...{ model, id, trigger, reason, askedAt: at, ...answer },
    firstAskedAt: before?.firstAskedAt ?? at,
    asked: (before?.asked ?? 0) + 1,
  };
  const isNews = before?.decision !== row.decision || before.rule !== row.rule;
  await monitoring.keepRetrainDecision(
    row,
    isNews
      ? {
          type: answer.decision === 'started' ? 'RetrainingStarted' : 'RetrainingRefused',
          actor,
          subject: `retraining/${id}`,
          details: { reason, ...answer },
        }
      : undefined,
  );
  return row;
}
