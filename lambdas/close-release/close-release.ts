import type { ApprovalStore, Withdrawals } from '../../domain/approval/ports.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { oneLine } from '../../domain/mail/visible-text.ts';
import type { ModelRegistry } from '../../domain/model-registry.ts';
import { diagnose, type EndStatus } from '../../domain/outcome/diagnose.ts';
import { maskLines } from '../../domain/outcome/mask-secrets.ts';
import { outcomeMail } from '../../domain/outcome/outcome-mail.ts';
import type { Mailer, ObjectStore } from '../../domain/ports.ts';
import { standingOfEnd } from '../../domain/registry-standing.ts';
import { isEnd, type ReleaseOutcome, type ReleaseRow } from '../../domain/release.ts';
import type { TrainingLogs } from '../../domain/release-ports.ts';
import { KEPT } from '../shared/job-name.ts';
import { mirrorRegistry } from '../shared/mirror-registry.ts';
import { type StartWaitingDependencies, startWaiting } from '../shared/start-waiting.ts';
import type { CloseReleaseInput, CloseReleaseOutput } from './contract.ts';

export interface CloseReleaseDependencies extends StartWaitingDependencies {
  readonly objects: ObjectStore;
  readonly logs: TrainingLogs;
  readonly registry: Pick<ModelRegistry, 'setStatus'>;
  readonly approvals: Pick<ApprovalStore, 'findRequest' | 'listVotes'>;
  readonly withdrawals: Withdrawals;
  readonly mailer: Mailer;
  readonly config: DeployedConfig;
  readonly artifactsBucket: string;
  readonly log: { error(message: string, error: Error): void };
}

const LOG_LINES = 20;

/**
 * Ends a release: says whose the end is, records it with a report, withdraws what is still asked about it, gives the model's
 * lease to the upload that waits, and mails the owner. Repeating it completes what an earlier attempt left, and changes nothing
 * else: the first end stays, and nobody is told twice.
 *
 * @throws {Error} the upload that waits could not be started: the release has ended, and this is to be repeated
 */
export const closeRelease =
  (dependencies: CloseReleaseDependencies) =>
  async (input: CloseReleaseInput): Promise<CloseReleaseOutput> => {
    const { ledger } = dependencies;
    const row = await ledger.getRelease(input.model, input.release);
    const ended = isEnd(row.status) && row.outcome ? row : await end(dependencies, row, input);
    // Gives the lease back too, where an earlier attempt died in between.
    const closed = await ledger.endRelease(
      row.model,
      row.release,
      ended.status,
      ended.outcome!,
      dependencies.now().toISOString(),
      eventOf(ended),
    );
    await report(dependencies, closed);
    await withdrawRequest(dependencies, closed);
    await startWaiting(dependencies, row.model, 'launchway:close-release');
    if (closed.toldAt === undefined) await tell(dependencies, closed);
    await mirror(dependencies, closed);
    return { status: closed.status as EndStatus, message: closed.outcome!.message };
  };

async function end(
  dependencies: CloseReleaseDependencies,
  row: ReleaseRow,
  { outcome, step, error }: CloseReleaseInput,
): Promise<ReleaseRow> {
  const { logs, config, log } = dependencies;
  const diagnosis = diagnose(row, outcome, step, error);
  if (outcome === 'Rejected' || outcome === 'Withdrawn') {
    const said = await (outcome === 'Rejected' ? rejection : withdrawal)(dependencies, row);
    return { ...row, status: outcome, outcome: { ...diagnosis.outcome, ...said } };
  }
  if (!diagnosis.needsLog) return { ...row, status: diagnosis.outcome.status, outcome: diagnosis.outcome };
  const jobs = jobsOf(row, step, config.prefix);
  let logTail: readonly string[] = [];
  try {
    logTail = maskLines(await logs.tail(jobs, LOG_LINES));
  } catch (failure) {
    // The end is recorded even where its log cannot be read.
    log.error('log of the job not read', failure as Error);
  }
  const explained: ReleaseOutcome = { ...diagnosis.outcome, ...(logTail.length > 0 && { logTail }) };
  return { ...row, status: diagnosis.outcome.status, outcome: explained };
}

/** What the names of the jobs begin with whose log explains the end. */
function jobsOf({ model, release, steps }: ReleaseRow, step: string | undefined, prefix: string): string {
  if (step === 'Validate Model') return `${prefix}-${model}-r${release}-candidate-`.slice(0, KEPT);
  // The jobs of a search, and those of another release whose training is reused, have names of their own.
  const { failedTraining, training } = steps;
  return failedTraining?.jobName ?? training?.jobName ?? `${prefix}-${model}-r${release}-`.slice(0, KEPT);
}

/** Who said no, and why: the owner is owed more than the fact. */
async function rejection(
  { approvals, config }: CloseReleaseDependencies,
  { steps }: ReleaseRow,
): Promise<{ readonly message?: string }> {
  const votes = steps.approval ? await approvals.listVotes(steps.approval.requestId) : [];
  const against = votes.find(({ choice }) => choice === 'reject');
  if (!against) return {};
  const name = config.people[against.person]?.name ?? against.person;
  return { message: `${name} said no${against.reason ? `: ${oneLine(against.reason)}` : ''}` };
}

/** Who took the question back, and why. */
async function withdrawal(
  { approvals, config }: CloseReleaseDependencies,
  { steps }: ReleaseRow,
): Promise<{ readonly message?: string }> {
  const request = steps.approval && (await approvals.findRequest(steps.approval.requestId));
  if (!request?.withdrawn) return {};
  const { by, reason } = request.withdrawn;
  return { message: `${config.people[by]?.name ?? by} withdrew it: ${oneLine(reason)}` };
}

const eventOf = ({ release, status, outcome }: ReleaseRow) => ({
  type: 'ReleaseEnded',
  actor: 'launchway:close-release',
  subject: `release/${release}`,
  details: { status, whose: outcome?.whose, step: outcome?.step, error: outcome?.error },
});

async function report({ objects, artifactsBucket }: CloseReleaseDependencies, row: ReleaseRow): Promise<void> {
  const key = `${row.team}/${row.model}/releases/${row.release}/report.json`;
  await objects.put(
    { bucket: artifactsBucket, key },
    JSON.stringify({ schema: 'launchway/report/v1', ...row }),
    'application/json',
  );
}

/** The lineage is what counts: the registry follows once everything else is done, and holds nothing up. */
async function mirror(dependencies: CloseReleaseDependencies, row: ReleaseRow): Promise<void> {
  const { registry, ledger } = dependencies;
  if (row.status === 'Deployed') return mirrorRegistry({ registry, lineage: ledger }, row.model);
  const change = standingOfEnd(row);
  if (row.steps.registration && change) await registry.setStatus(row.steps.registration.packageArn, change);
}

/** A request that outlives its release would ask people for nothing: no reminder goes out and no vote counts any more. */
async function withdrawRequest(
  { approvals, withdrawals }: CloseReleaseDependencies,
  { release, status, steps }: ReleaseRow,
): Promise<void> {
  if (!steps.approval) return;
  const { requestId } = steps.approval;
  if ((await approvals.findRequest(requestId))?.status !== 'Pending') return;
  await withdrawals.withdraw({ requestId, ended: { release, status } });
}

async function tell({ ledger, mailer, config, now }: CloseReleaseDependencies, row: ReleaseRow): Promise<void> {
  const model = await ledger.getModel(row.model);
  const person = row.submitter.person === undefined ? undefined : config.people[row.submitter.person];
  const previous = row.release > 1 ? await ledger.getRelease(row.model, row.release - 1) : undefined;
  await mailer.send(outcomeMail(row, model, [...new Set([model.owner, ...(person ? [person.email] : [])])], previous));
  await ledger.markTold(row.model, row.release, now().toISOString());
}
