import type { RollbackExecutions, RollbackStore } from '../../domain/deployment/ports.ts';
import type { Submitter } from '../../domain/model.ts';
import { DETECTOR_RULES } from '../../domain/monitoring/detectors.ts';
import { type IncidentRow, incidentId } from '../../domain/monitoring/rows.ts';
import { type GovernRetrainingDependencies, governRetraining } from '../shared/govern-retraining.ts';
import { requestRollback } from '../shared/request-rollback.ts';
import { type SetBaselineDependencies, setBaseline } from '../shared/set-baseline.ts';
import { closeFleetWhereOver, type SettleFindingDependencies, tellOver } from '../shared/settle-finding.ts';
import { type TellSystemsDependencies, tellSystems } from '../shared/tell-systems.ts';
import type { IncidentAction } from './read-action.ts';

export interface CarryOutDependencies
  extends SettleFindingDependencies,
    TellSystemsDependencies,
    SetBaselineDependencies,
    GovernRetrainingDependencies {
  readonly rollbacks: RollbackStore;
  readonly rollbackExecutions: RollbackExecutions;
}

/** Who acts, as the audit names them, and by what they are known. */
export interface Actor {
  readonly by: string;
  readonly submitter: Submitter;
  readonly identity: Readonly<Record<string, unknown>>;
  /** The same for a form that is sent twice, or again by a browser: once is enough. */
  readonly origin: string;
}

/** What came of an action, in a sentence. */
export interface Outcome {
  readonly statusCode: 200 | 409;
  readonly tone: 'good' | 'bad' | 'plain';
  readonly text: string;
}

/** Does what a reader asks for, under their name. */
export function carryOut(
  dependencies: CarryOutDependencies,
  incident: IncidentRow,
  action: IncidentAction,
  actor: Actor,
): Promise<Outcome> {
  switch (action.kind) {
    case 'acknowledge':
      return acknowledge(dependencies, incident, action.note, actor);
    case 'expected':
      return expect(dependencies, incident, action, actor);
    case 'retrain':
      return retrain(dependencies, incident, action.note, actor);
    case 'roll-back':
      return rollBack(dependencies, incident, action, actor);
  }
}

const ANSWERED: Outcome = {
  statusCode: 409,
  tone: 'plain',
  text: 'Somebody answered before you, or it is over. Nothing was changed.',
};
const good = (text: string): Outcome => ({ statusCode: 200, tone: 'good', text });
const refused = (text: string): Outcome => ({ statusCode: 409, tone: 'bad', text });

const auditOf = ({ detector, start }: IncidentRow, note: string, { by, identity }: Actor) => ({
  actor: by,
  subject: `incident/${detector}/${start}`,
  details: { note, ...identity },
});

async function acknowledge(
  { monitoring, now }: CarryOutDependencies,
  incident: IncidentRow,
  note: string,
  actor: Actor,
): Promise<Outcome> {
  const answer = { by: actor.by, at: now().toISOString(), note };
  const audit = { ...auditOf(incident, note, actor), type: 'IncidentAcknowledged' };
  if (!(await monitoring.acknowledgeIncident(incident, answer, audit))) return ANSWERED;
  return good('Acknowledged. It stays open until it is over; nobody is told again.');
}

async function expect(
  dependencies: CarryOutDependencies,
  incident: IncidentRow,
  { note, until, window }: Extract<IncidentAction, { kind: 'expected' }>,
  actor: Actor,
): Promise<Outcome> {
  const { monitoring, now } = dependencies;
  const at = now().toISOString();
  const { model, version, features } = incident;
  if (window !== undefined) {
    const wish = { model, version, window, features, by: actor.by, reason: note, origin: actor.origin };
    const set = await setBaseline(dependencies, wish);
    if (set.kind === 'refused') return refused(`Nothing was changed: ${set.why}.`);
  }
  const audit = auditOf(incident, note, actor);
  const closed = await monitoring.expectIncident(
    incident,
    { by: actor.by, at, note, until },
    { ...audit, type: 'IncidentExpected', details: { ...audit.details, until, features, ...(window && { window }) } },
  );
  if (!closed) return ANSWERED;
  await tellOver(dependencies, incident, `expected until ${until.slice(0, 10)}`);
  await closeFleetWhereOver(dependencies, incident);
  await tellSystems(dependencies, model);
  const held =
    window === undefined
      ? ''
      : ` They are held against the window of ${window.slice(0, 10)} from now on; launchway drift baseline ${model} takes that back.`;
  return good(`Closed as expected. The same features open no incident before ${until.slice(0, 10)}.${held}`);
}

async function retrain(
  dependencies: CarryOutDependencies,
  incident: IncidentRow,
  note: string,
  { by, origin }: Actor,
): Promise<Outcome> {
  const id = incidentId(incident);
  const why = DETECTOR_RULES[incident.detector].subject(incident);
  const row = await governRetraining(dependencies, incident.model, {
    trigger: { kind: 'request', origin, incident: id },
    reason: `asked for by ${by}: ${note}; ${why} (incident ${id})`,
    actor: by,
  });
  return row.decision === 'started'
    ? good(`Release ${row.release} was started. People approve it before it serves.`)
    : refused(`Not retrained (${row.rule}): ${row.why}.`);
}

async function rollBack(
  { ledger, rollbacks, rollbackExecutions: executions, now }: CarryOutDependencies,
  { model, detector, start }: IncidentRow,
  { note, from, to, withdraw }: Extract<IncidentAction, { kind: 'roll-back' }>,
  { submitter, origin }: Actor,
): Promise<Outcome> {
  const { champion } = await ledger.getModel(model);
  const known = (await rollbacks.list(model)).some((row) => row.origin === origin);
  if (!known && champion?.version !== from) {
    return refused(
      `Nothing was changed: version ${champion?.version ?? 'none'} serves by now, not ${from}. Look again.`,
    );
  }
  const requested = await requestRollback({ lineage: ledger, rollbacks, executions, now }, model, {
    ...{ to, reason: note, by: submitter, incident: incidentId({ model, detector, start }), origin },
    ...(withdraw && { withdraw }),
  });
  return requested.kind === 'requested'
    ? good(
        `Rollback ${requested.rollback.rollback} to version ${to} is under way. Owner and operators are told when it serves; until then version ${from} does.`,
      )
    : refused(`Nothing was changed: ${requested.why}.`);
}
