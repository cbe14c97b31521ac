import type { ReleaseLedger } from '../../domain/admission.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { findOrphans } from '../../domain/deployment/find-orphans.ts';
import type { HostingInventory } from '../../domain/deployment/ports.ts';
import { isWorthAMail, leftoversMail } from '../../domain/leftovers/leftovers-mail.ts';
import { findMissedUploads } from '../../domain/leftovers/missed-uploads.ts';
import type { LeftoverReports } from '../../domain/leftovers/ports.ts';
import type { MetricRecorder } from '../../domain/monitoring/ports.ts';
import type { LineageStore, Mailer, Now, ObjectStore } from '../../domain/ports.ts';
import type { ReportLeftoversInput, ReportLeftoversOutput } from './contract.ts';

export interface ReportLeftoversDependencies {
  readonly objects: Pick<ObjectStore, 'list' | 'head'>;
  readonly ledger: Pick<ReleaseLedger, 'findClaim'>;
  readonly lineage: Pick<LineageStore, 'getModel'>;
  readonly inventory: HostingInventory;
  readonly reports: LeftoverReports;
  readonly metrics: MetricRecorder;
  readonly mailer: Mailer;
  readonly config: Pick<DeployedConfig, 'mail'>;
  readonly intakeBucket: string;
  readonly now: Now;
}

/** The hour, UTC, at which hosting is looked at and operators are told. Listing takes SageMaker some calls a second. */
const REPORT_HOUR = 6;
/** As `launchway sweep` keeps by itself. */
const KEEP = 3;

/** Hourly: uploads that became nothing (F1). Once a day also what SageMaker hosts for nobody (F16). It tells, and changes nothing. */
export const reportLeftovers =
  (dependencies: ReportLeftoversDependencies) =>
  async (_input: ReportLeftoversInput): Promise<ReportLeftoversOutput> => {
    const { intakeBucket, metrics, lineage, inventory, now } = dependencies;
    const at = now();
    const missed = await findMissedUploads(dependencies, intakeBucket, at);
    metrics.record({ at, values: { UploadsNotAdmitted: missed.length } });
    if (at.getUTCHours() !== REPORT_HOUR) return { missed: missed.length };
    const { orphans } = await findOrphans(lineage, await inventory.list(), { keep: KEEP, at });
    metrics.record({ at, values: { HostingUnused: orphans.length } });
    await tell(dependencies, { missed, orphans }, at);
    return { missed: missed.length, orphans: orphans.length };
  };

/** Claimed first: of a mail that is lost the next day tells, and the alarm on the metric meanwhile. */
async function tell(
  { reports, mailer, config }: ReportLeftoversDependencies,
  leftovers: Parameters<typeof isWorthAMail>[0],
  at: Date,
): Promise<void> {
  if (!isWorthAMail(leftovers, at)) return;
  if (await reports.claim(at.toISOString().slice(0, 10)))
    await mailer.send(leftoversMail(leftovers, config.mail.operators));
}
