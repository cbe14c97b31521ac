import { Command, CommanderError } from 'commander';
import { registerApprovalActs } from './commands/approval-acts.ts';
import { registerApprovals } from './commands/approvals.ts';
import { registerAudit } from './commands/audit.ts';
import { registerBuildImage } from './commands/build-image.ts';
import { registerCaptures } from './commands/captures.ts';
import { registerCheck } from './commands/check.ts';
import { registerCompare } from './commands/compare.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDrift } from './commands/drift.ts';
import { registerInit } from './commands/init.ts';
import { registerLineage } from './commands/lineage.ts';
import { registerLocal } from './commands/local.ts';
import { registerLogs } from './commands/logs.ts';
import { registerPropose } from './commands/propose.ts';
import { registerQuality } from './commands/quality.ts';
import { registerReport } from './commands/report.ts';
import { registerReproduce } from './commands/reproduce.ts';
import { registerResume } from './commands/resume.ts';
import { registerRetrain } from './commands/retrain.ts';
import { registerRollback } from './commands/rollback.ts';
import { registerStaleness } from './commands/staleness.ts';
import { registerStatus } from './commands/status.ts';
import { registerSubmit } from './commands/submit.ts';
import { registerSweep } from './commands/sweep.ts';
import { registerTrain } from './commands/train.ts';
import { registerTry } from './commands/try.ts';
import { UsageError } from './output.ts';

/** Names of errors that a person can mend: their message is enough. */
const PLAIN = new Set([
  'UsageError',
  'StateDirectoryError',
  'PortTakenError',
  'DefinitionRefusedError',
  'DatasetRefusedError',
  'ConfigRefusedError',
  'NotFoundError',
  'NotImplemented',
]);

/** Runs one command line; the exit code is 0 only where it did what was asked. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('launchway')
    .description("Takes a model from training data to a watched endpoint, with a person's yes in between.")
    .option(
      '--prefix <prefix>',
      'deployment to talk to: namePrefix-stage',
      process.env.LAUNCHWAY_PREFIX ?? 'launchway-local',
    )
    .showHelpAfterError('(launchway help shows what there is)')
    .exitOverride();
  for (const register of [
    registerCheck,
    registerInit,
    registerTry,
    registerBuildImage,
    registerSubmit,
    registerTrain,
    registerPropose,
    registerResume,
    registerReproduce,
    registerCompare,
    registerRetrain,
    registerReport,
    registerRollback,
    registerSweep,
    registerStatus,
    registerLogs,
    registerLineage,
    registerApprovals,
    registerApprovalActs,
    registerAudit,
    registerLocal,
    registerDemo,
    registerDrift,
    registerCaptures,
    registerQuality,
    registerStaleness,
  ])
    register(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode;
      return;
    }
    const { name, message, stack } = error as Error;
    console.error(error instanceof UsageError || PLAIN.has(name) ? `launchway: ${message}` : stack);
    process.exitCode = 1;
  }
}
