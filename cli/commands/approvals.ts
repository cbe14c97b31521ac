import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Choice } from '../../domain/approval/approval-request.ts';
import { day, moment } from '../../domain/approval/moment.ts';
import { type ApprovalSummary, ApprovalsApi, type DueReview } from '../approvals-api.ts';
import { connect } from '../connection.ts';
import { bold, type CommonOptions, createOutput, JSON_OPTION, table, UsageError } from '../output.ts';

const REQUEST = 'id of the request, the beginning of one, or the model it is about';

export function registerApprovals(program: Command): void {
  program
    .command('approvals')
    .description('what waits for a person, and for whom; approvals that are to be reviewed')
    .option('--mine', 'only what waits for you')
    .option('--json', JSON_OPTION)
    .action(async (options: { mine?: boolean }, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const api = await ApprovalsApi.of(await connect(prefix));
      const { person, requests, reviews } = await api.list();
      const shown = options.mine ? requests.filter(({ mine }) => mine) : requests;
      const due = options.mine ? reviews.filter(({ mine }) => mine) : reviews;
      createOutput(json ?? false).result({ person, requests: shown, reviews: due }, () =>
        [describe(shown, person, options.mine), ...due.map(dueInWords)].join('\n'),
      );
    });
  registerDecision(program, 'approve');
  registerDecision(program, 'reject');
}

interface DecisionOptions {
  readonly reason?: string;
  readonly ticket?: string;
  readonly reviewBy?: string;
  readonly yes?: boolean;
}

function registerDecision(program: Command, choice: Choice): void {
  const command = program
    .command(choice)
    .description(
      `${choice} what you are asked about, as the IAM identity of your credentials; shows the evidence and asks first`,
    )
    .argument('<request>', REQUEST)
    .option('--reason <text>', 'kept with the decision; a rejection, and an approval over a warning, need one')
    .option('--ticket <text>', 'change ticket; an approval names one where the tier asks for it')
    .option('--yes', 'do not ask again')
    .option('--json', `${JSON_OPTION}; needs --yes`)
    .action(async (request: string, options: DecisionOptions, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const output = createOutput(json ?? false);
      if (!options.yes && (json || !process.stdin.isTTY)) {
        throw new UsageError(`expected --yes where nobody can be asked, got none; nothing was decided`);
      }
      const api = await ApprovalsApi.of(await connect(prefix));
      const { requestId } = chosen((await api.list()).requests, request);
      const shown = await api.show(requestId);
      output.line(shown.evidence);
      if (!options.yes && !(await agrees(shown, choice))) {
        output.line('Nothing was decided.');
        process.exitCode = 1;
        return;
      }
      const { digest } = shown;
      const { reason = '', ticket = '', reviewBy = '' } = options;
      const result = await api.decide(requestId, { decision: choice, reason, ticket, reviewBy, digest });
      output.result(result, () => `${bold(said(choice))} as ${result.person}: ${consequence(result.status)}`);
    });
  if (choice === 'approve') {
    command.option('--review-by <date>', 'from that day on you and the owner are told to look at it again: 2027-01-31');
  }
}

/** @throws {UsageError} nothing that is open, or several */
export function chosen(open: readonly ApprovalSummary[], request: string): ApprovalSummary {
  const matching = open.filter(
    ({ requestId, model }) => model === request || (request.length >= 6 && requestId.startsWith(request)),
  );
  if (matching.length === 1) return matching[0]!;
  const what = open.map(({ model, requestId }) => `${model} (${requestId.slice(0, 12)}…)`).join(', ') || 'nothing';
  throw new UsageError(
    matching.length > 1
      ? `expected one request, got ${matching.length} that begin with ${request}`
      : `expected an open request, got ${request}; open: ${what}`,
  );
}

async function agrees({ model, version, person }: ApprovalSummary & { person: string }, choice: Choice) {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const verb = choice === 'approve' ? 'Approve' : 'Reject';
    return /^y(es)?$/i.test(
      (await lines.question(`${verb} version ${version} of ${model} as ${person}? [y/N] `)).trim(),
    );
  } finally {
    lines.close();
  }
}

const said = (choice: Choice): string => (choice === 'approve' ? 'Approved' : 'Rejected');

const consequence = (status: ApprovalSummary['status']): string =>
  status === 'Pending'
    ? 'others are still asked'
    : status === 'Approved'
      ? 'every seat is filled, the version is deployed now'
      : 'the version is not deployed; what serves stays as it is';

const dueInWords = ({ model, version, reviewBy, approvedBy }: DueReview): string =>
  `To be reviewed by ${day(reviewBy)}: version ${version} of ${model}, approved by ${approvedBy.join(', ')}; it goes on serving.`;

function describe(requests: readonly ApprovalSummary[], person: string, mine?: boolean): string {
  if (requests.length === 0) return mine ? `Nothing waits for ${person}.` : 'Nothing waits for anybody.';
  const rows = requests.map(({ requestId, model, version, seats, expiresAt, mine: isMine }) => [
    requestId.slice(0, 12),
    model,
    `v${version}`,
    seats.map(({ role, person: sitting }) => `${role}: ${sitting ?? 'open'}`).join(', '),
    moment(expiresAt),
    isMine ? 'you' : '',
  ]);
  return table([['request', 'model', 'version', 'seats', 'expires', 'waits for'], ...rows]);
}
