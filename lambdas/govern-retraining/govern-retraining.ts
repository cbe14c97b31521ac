import type { ModelRow } from '../../domain/model.ts';
import type { Monitoring } from '../../domain/model-definition.ts';
import { DETECTOR_RULES } from '../../domain/monitoring/detectors.ts';
import { type RetrainRow, retrainId, retrainInWords } from '../../domain/monitoring/retrain-decision.ts';
import { newestOccurrence } from '../../domain/monitoring/retrain-schedule.ts';
import { incidentId } from '../../domain/monitoring/rows.ts';
import {
  type CollectCaptures,
  type GovernRetrainingDependencies,
  governRetraining as govern,
  type RetrainWish,
} from '../shared/govern-retraining.ts';
import type { GovernRetrainingInput, GovernRetrainingOutput } from './contract.ts';

const WEEK_MS = 7 * 86_400_000;
const STEP = 'launchway:govern-retraining';

/**
 * Hourly, of a model whose owner lets it be trained anew by itself: asks the governor for every incident that is open and that
 * training on newer rows can answer, for the newest occurrence of its schedule, and for people whose request waits for captured rows.
 * A no is kept, and asked again while it may become a yes.
 */
export const governRetraining =
  (dependencies: GovernRetrainingDependencies) =>
  async ({ model: name }: GovernRetrainingInput): Promise<GovernRetrainingOutput> => {
    const { ledger, readDefinition, collectCaptures } = dependencies;
    const model = await ledger.getModel(name);
    if (!model.champion) return { decisions: [] };
    const { monitoring } = await readDefinition(model.definition);
    const decisions: string[] = [];
    const governing = { ...dependencies, ...(collectCaptures && { collectCaptures: once(collectCaptures) }) };
    for (const wish of await wishesOf(dependencies, model, monitoring)) {
      decisions.push(`${retrainId(wish.trigger)}: ${retrainInWords(await govern(governing, name, wish))}`);
    }
    return { decisions };
  };

/** Gigabytes may be read for it, and whoever asks in one hour is told the same. */
function once(collect: CollectCaptures): CollectCaptures {
  let collected: ReturnType<CollectCaptures> | undefined;
  return (...asked) => {
    collected ??= collect(...asked);
    return collected;
  };
}

async function wishesOf(
  dependencies: GovernRetrainingDependencies,
  { model }: ModelRow,
  { onDrift, retrain }: Monitoring,
): Promise<RetrainWish[]> {
  const incidents = onDrift === 'retrain' ? await dependencies.monitoring.listIncidents(model) : [];
  const open = incidents.filter(({ status, detector }) => status === 'Open' && DETECTOR_RULES[detector].retrains);
  const scheduled = await scheduledWish(dependencies, model, retrain?.schedule ?? 'none');
  return [
    ...open.map((incident): RetrainWish => {
      const id = incidentId(incident);
      const reason = `${DETECTOR_RULES[incident.detector].subject(incident)} (incident ${id})`;
      return { trigger: { kind: 'incident', incident: id }, reason, actor: STEP };
    }),
    ...(scheduled ? [scheduled] : []),
    ...(await waitingWishes(dependencies, model)),
  ];
}

/** What people asked for, while what was collected for it is not queued yet; a week, as a dataset that is refused never is. */
async function waitingWishes({ monitoring, now }: GovernRetrainingDependencies, model: string): Promise<RetrainWish[]> {
  const since = new Date(now().getTime() - WEEK_MS).toISOString();
  return (await monitoring.listRetrainDecisions(model))
    .filter(
      ({ trigger, rule, firstAskedAt }) =>
        trigger.kind === 'request' && rule === 'rows-on-their-way' && firstAskedAt >= since,
    )
    .map(({ trigger, reason }) => ({ trigger, reason, actor: STEP }));
}

/** Refusals after which a schedule's occurrence is asked for again: they pass within hours. */
const PASSING: readonly (RetrainRow['rule'] | undefined)[] = [
  undefined,
  'release-open',
  'approval-open',
  'rows-on-their-way',
];

async function scheduledWish(
  { monitoring, now, ledger }: GovernRetrainingDependencies,
  model: string,
  schedule: Parameters<typeof newestOccurrence>[0],
): Promise<RetrainWish | undefined> {
  const occurrence = newestOccurrence(schedule, now());
  const { champion } = await ledger.getModel(model);
  if (occurrence === undefined || !champion || occurrence <= champion.since) return undefined;
  const trigger = { kind: 'schedule' as const, occurrence };
  const before = await monitoring.findRetrainDecision(model, retrainId(trigger));
  if (before?.decision === 'started' || !PASSING.includes(before?.rule)) return undefined;
  return { trigger, reason: `${schedule} retraining of ${occurrence.slice(0, 10)}`, actor: STEP };
}
