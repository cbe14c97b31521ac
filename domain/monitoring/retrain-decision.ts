import type { RetrainTrigger } from '../release.ts';
import type { RetrainRule } from './retrain-governor.ts';

/** The `RETRAIN` row: what the governor said to one trigger, last. */
export interface RetrainRow {
  readonly model: string;
  /** `incident/drift/…`, `schedule/…`, `request/…`: one row each. */
  readonly id: string;
  readonly trigger: RetrainTrigger;
  readonly reason: string;
  readonly decision: 'started' | 'refused';
  /** Of a refusal. */
  readonly rule?: RetrainRule;
  readonly why?: string;
  /** The release that was started. */
  readonly release?: number;
  /** ISO 8601 UTC. */
  readonly firstAskedAt: string;
  readonly askedAt: string;
  /** How often it was asked. */
  readonly asked: number;
}

/** What a row of the governor's is named by: a trigger that comes many times has one. */
export function retrainId(trigger: RetrainTrigger): string {
  switch (trigger.kind) {
    case 'incident':
      return `incident/${trigger.incident.slice(trigger.incident.indexOf('/') + 1)}`;
    case 'schedule':
      return `schedule/${trigger.occurrence}`;
    case 'request':
      return `request/${trigger.origin}`;
  }
}

/** The incident that a retraining answers; whoever asked, one incident starts at most one release. */
export const incidentAnswered = (trigger: RetrainTrigger): string | undefined =>
  trigger.kind === 'schedule' ? undefined : trigger.incident;

/** One line: `refused (cool-down): the last one ended …`. */
export const retrainInWords = ({ decision, rule, why, release }: RetrainRow): string =>
  decision === 'started' ? `started release ${release}` : `refused (${rule}): ${why}`;
