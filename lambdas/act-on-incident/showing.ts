import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { RollbackStore } from '../../domain/deployment/ports.ts';
import { requesterOf } from '../../domain/deployment/rollback.ts';
import { precisionInWords, precisionOf } from '../../domain/monitoring/answers.ts';
import { baselineInWords, LEAST_BASELINE_ROWS } from '../../domain/monitoring/monitoring-baseline.ts';
import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import { minute } from '../../domain/monitoring/recent-changes.ts';
import { incidentAnswered, retrainInWords } from '../../domain/monitoring/retrain-decision.ts';
import { type IncidentRow, incidentId } from '../../domain/monitoring/rows.ts';
import type { IncidentView } from '../../web/incident-page.ts';
import { type SurveySurroundingsDependencies, surveySurroundings } from '../shared/survey-surroundings.ts';

export interface ShowIncidentDependencies extends SurveySurroundingsDependencies {
  readonly monitoring: MonitoringStore;
  readonly rollbacks: RollbackStore;
  readonly mail: Pick<DeployedConfig['mail'], 'runbook'>;
}

/** Windows that a new baseline is offered from. */
const WINDOWS_OFFERED = 6;

/** What the page of an incident shows, as it is now. */
export async function showing(
  dependencies: ShowIncidentDependencies,
  { model: name, detector, start, ...incident }: IncidentRow,
): Promise<Omit<IncidentView, 'form' | 'notice'>> {
  const { monitoring, fleet, mail } = dependencies;
  const { around, safety, model } = await surveySurroundings(dependencies, name);
  const incidents = await monitoring.listIncidents(name);
  const current = incidents.find((one) => one.detector === detector && one.start === start);
  const shown = current ?? { ...incident, model: name, detector, start };
  const group = shown.fleet === undefined ? undefined : await fleet.findFleet(shown.fleet);
  const windows = await monitoring.lastWindows(name, shown.version, WINDOWS_OFFERED);
  const drifts = detector === 'drift' || detector === 'skew';
  return {
    ...{ incident: shown, owner: model.owner, around, safety },
    ...(model.champion && { serving: model.champion.version }),
    precision: precisionOf(incidents).map(precisionInWords),
    history: await historyOf(dependencies, shown),
    ...(group && { fleet: group }),
    windows: drifts
      ? windows
          .filter(({ rows, verdict }) => rows >= LEAST_BASELINE_ROWS && verdict !== 'InsufficientData')
          .map((window) => ({ start: window.start, rows: window.rows }))
          .reverse()
      : [],
    ...(mail.runbook !== undefined && { runbook: mail.runbook }),
  };
}

/** What people did about it, oldest first. */
async function historyOf(
  { monitoring, rollbacks }: ShowIncidentDependencies,
  incident: IncidentRow,
): Promise<string[]> {
  const id = incidentId(incident);
  const { model, version, acknowledged, expected, closedAt, closedBecause, notifiedAt, toldTo, openedAt } = incident;
  const [retrainings, rolledBack, baseline] = await Promise.all([
    monitoring.listRetrainDecisions(model),
    rollbacks.list(model),
    monitoring.currentBaseline(model, version),
  ]);
  const events = [
    { at: openedAt, text: 'opened' },
    ...(notifiedAt ? [{ at: notifiedAt, text: `told to ${(toldTo ?? []).join(', ')}` }] : []),
    ...(acknowledged
      ? [{ at: acknowledged.at, text: `acknowledged by ${acknowledged.by}${noted(acknowledged.note)}` }]
      : []),
    ...(expected
      ? [
          {
            at: expected.at,
            text: `expected until ${expected.until.slice(0, 10)}, says ${expected.by}${noted(expected.note)}`,
          },
        ]
      : []),
    ...(baseline?.document && baseline.at >= openedAt
      ? [{ at: baseline.at, text: `held against ${baselineInWords(baseline)}` }]
      : []),
    ...retrainings
      .filter(({ trigger }) => incidentAnswered(trigger) === id)
      .map((row) => ({ at: row.askedAt, text: `retraining ${retrainInWords(row)}` })),
    ...rolledBack
      .filter((row) => row.incident === id)
      .map(({ requestedAt, rollback, from, to, status, requestedBy, reason, error }) => ({
        at: requestedAt,
        text: `rollback ${rollback} from version ${from} to ${to}, asked for by ${requesterOf(requestedBy)} (${reason}): ${status === 'Requested' ? 'under way' : status === 'RolledBack' ? 'done' : `failed: ${error}`}`,
      })),
    ...(closedAt && !expected ? [{ at: closedAt, text: `closed: ${closedBecause}` }] : []),
  ];
  return events.sort((a, b) => (a.at < b.at ? -1 : 1)).map(({ at, text }) => `${minute(at)}: ${text}`);
}

const noted = (note: string): string => (note === '' ? '' : `: ${note}`);
