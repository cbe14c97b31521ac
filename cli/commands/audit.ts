import type { Command } from 'commander';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { S3ChainAnchors } from '../../adapters/s3-chain-anchors.ts';
import type { AuditEntry } from '../../domain/audit.ts';
import { type TrailVerdict, verifyTrail } from '../../domain/audit-anchors.ts';
import { connect } from '../connection.ts';
import { bold, type CommonOptions, createOutput, JSON_OPTION, table, UsageError } from '../output.ts';

export function registerAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('who did what to a model, on which digest')
    .argument('<model>')
    .option('--last <entries>', 'only the newest so many')
    .option('--json', JSON_OPTION)
    .action(async (model: string, options: { last?: string }, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const last = options.last === undefined ? Number.POSITIVE_INFINITY : Number(options.last);
      if (!(last >= 1)) throw new UsageError(`expected --last with a number of entries, got "${options.last}"`);
      const { table: rows, lineage } = await connect(prefix);
      await lineage.getModel(model);
      const entries = await new DynamoDbAuditTrail(rows).list(model);
      const shown = entries.slice(Math.max(0, entries.length - last));
      createOutput(json ?? false).result(shown, () => describe(shown));
    });
  audit
    .command('verify')
    .description('proves that no entry was changed, removed or moved, against the heads kept under Object Lock')
    .argument('<model>')
    .option('--json', JSON_OPTION)
    .action(async (model: string, _: unknown, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const { table: rows, s3, account } = await connect(prefix);
      const heads = await new S3ChainAnchors(`${prefix}-heads-${account}`, account, s3).list(model);
      const entries = await new DynamoDbAuditTrail(rows).list(model);
      if (entries.length === 0 && heads.length === 0)
        throw new UsageError(`expected a model with an audit chain, got ${model}`);
      const verdict = verifyTrail(model, entries, heads);
      createOutput(json ?? false).result({ model, ...verdict, heads: heads.length }, () => say(model, verdict));
      if (!verdict.intact) process.exitCode = 1;
    });
}

/** `DecisionRecorded` → `decision recorded`. */
const inWords = (type: string): string => type.replace(/(?!^)[A-Z]/g, ' $&').toLowerCase();

function describe(entries: readonly AuditEntry[]): string {
  const rows = entries.map(({ sequence, at, type, actor, subject, details }) => [
    String(sequence),
    `${at.slice(0, 10)} ${at.slice(11, 19)}`,
    actor,
    inWords(type),
    subject.replace(/^(approval\/r[0-9a-f]{8})[0-9a-f]+$/, '$1…'),
    detailsInWords(details ?? {}),
  ]);
  return table([['#', 'at (UTC)', 'who', 'what', 'on', ''], ...rows]);
}

const MOST_CHARACTERS = 100;

/** Texts, numbers and truths by name; digests by their beginning. What is deeper is in `--json`. */
function detailsInWords(details: Readonly<Record<string, unknown>>): string {
  const said = Object.entries(details).flatMap(([name, value]) => {
    if (value === '' || (typeof value === 'object' && value !== null)) return [];
    return [`${name} ${String(value).replace(/\b[0-9a-f]{64}\b/g, (digest) => `${digest.slice(0, 12)}…`)}`];
  });
  const text = said.join(', ').replace(/\s+/g, ' ');
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}

function say(model: string, verdict: TrailVerdict): string {
  const { anchored } = verdict;
  if (!verdict.intact) {
    return `${bold(`Entry ${verdict.sequence} of ${model} is ${verdict.problem}`)}: ${verdict.why}`;
  }
  const proof = anchored
    ? `The first ${anchored.sequence} are what was kept under Object Lock; ${verdict.entries - anchored.sequence} came since.`
    : 'None of it is kept under Object Lock yet: that is done every hour.';
  return `${bold(`The audit chain of ${model} is whole`)}: ${verdict.entries} entries, head ${verdict.head.slice(0, 12)}….\n${proof}`;
}
