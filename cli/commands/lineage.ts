import type { Command } from 'commander';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { REVIEW_CHANGES_NOTHING, reviewInWords } from '../../domain/approval/review.ts';
import type { AuditEntry } from '../../domain/audit.ts';
import { trafficInWords } from '../../domain/deployment/rollout.ts';
import { oneLine } from '../../domain/mail/visible-text.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { trainingInWords } from '../../domain/training/training-in-words.ts';
import type { VersionRow } from '../../domain/version.ts';
import { connect } from '../connection.ts';
import { bold, type CommonOptions, createOutput, JSON_OPTION, parseVersionName, table } from '../output.ts';

export function registerLineage(program: Command): void {
  program
    .command('lineage')
    .description('what a model version was made from, who approved it, and what happened to it')
    .argument('<version>', 'model/version: flight-delays/1')
    .option('--json', JSON_OPTION)
    .action(async (subject: string, _: unknown, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const output = createOutput(json ?? false);
      const { model, version: number } = parseVersionName(subject);
      const { lineage, table: rows, now } = await connect(prefix);
      const version = await lineage.getVersion(model, number);
      const release = await lineage.getRelease(model, version.release);
      const audit = (await new DynamoDbAuditTrail(rows).list(model)).filter((entry) =>
        [
          `version/${version.version}`,
          `release/${version.release}`,
          `approval/${version.approval?.requestId ?? ''}`,
        ].includes(entry.subject),
      );
      const { reviewBy } = version.approval ?? {};
      const review = reviewBy === undefined ? undefined : reviewInWords(reviewBy, await now());
      output.result({ version, release, audit }, () => describe(version, release, audit, review));
    });
}

function describe(
  version: VersionRow,
  release: ReleaseRow,
  audit: readonly AuditEntry[],
  review: string | undefined,
): string {
  const metrics = Object.entries(version.evaluation?.metrics ?? {}).map(
    ([name, value]) => `${name} ${value.toFixed(4)}`,
  );
  const traffic = release.steps.deployment?.traffic;
  const facts = [
    ['status', version.status],
    ['release', `${version.release}, admitted ${release.admittedAt}, ${release.reason}`],
    ['submitter', release.submitter.person ?? release.submitter.principal],
    [
      'dataset',
      `sha256 ${version.dataset.object.sha256} from s3://${release.inputs.dataset.bucket}/${release.inputs.dataset.key}`,
    ],
    ['definition', `sha256 ${version.definition.sha256}`],
    ['image', version.image],
    ['training', version.training ? `${version.training.jobName}, ${trainingInWords(version.training)}` : 'elsewhere'],
    ['artifact', `sha256 ${version.artifact.object.sha256}, ${version.artifact.bytes} bytes`],
    ['evaluation', metrics.join(', ')],
    [
      'approved',
      version.approval
        ? `${version.approval.approvers.join(', ')} at ${version.approval.at}, digest ${version.approval.digest}`
        : 'no',
    ],
    ...(review === undefined ? [] : [['review', `its approval ${review}; ${REVIEW_CHANGES_NOTHING}`]]),
    ...(version.approval?.revoked
      ? [
          [
            'taken back',
            `${version.approval.revoked.by} at ${version.approval.revoked.at}: ${oneLine(version.approval.revoked.reason)}; it may not be restored`,
          ],
        ]
      : []),
    [
      'deployment',
      release.steps.deployment
        ? `${release.steps.deployment.endpointName} proved at ${release.steps.deployment.provedAt}${traffic ? `; it ${trafficInWords(traffic)}` : ''}`
        : 'no',
    ],
  ];
  const trail = audit.map((entry) => [String(entry.sequence), entry.at, entry.type, entry.actor]);
  return [
    `${bold(`${version.model} version ${version.version}`)}`,
    table(facts),
    '',
    table([['#', 'at', 'what', 'who'], ...trail]),
  ].join('\n');
}
