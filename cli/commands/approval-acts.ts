import type { Command } from 'commander';
import { moment } from '../../domain/approval/moment.ts';
import { visibleText } from '../../domain/mail/visible-text.ts';
import { ApprovalsApi, type ApprovalThread } from '../approvals-api.ts';
import { type Connection, connect } from '../connection.ts';
import {
  bold,
  type CommonOptions,
  createOutput,
  JSON_OPTION,
  parseReleaseName,
  parseVersionName,
  UsageError,
} from '../output.ts';

/** Where a command is about: a release, a version, or an open request. */
type RequestOf = (connection: Connection, subject: string) => Promise<string>;

interface ActCommand {
  readonly name: string;
  readonly does: string;
  readonly argument: readonly [name: string, description: string];
  readonly option: readonly [flags: string, description: string];
  readonly requestOf: RequestOf;
  /** @param text what the option says */
  readonly act: (text: string) => Readonly<Record<string, string>>;
}

const RELEASE = ['<release>', 'model/release: flight-delays/14'] as const;

const ACTS: readonly ActCommand[] = [
  {
    name: 'withdraw',
    does: 'take back what people are asked about your release; it can be put forward again without training',
    argument: RELEASE,
    option: ['--reason <text>', 'kept in the record, and shown to those who were asked'],
    requestOf: requestOfRelease,
    act: (text) => ({ act: 'withdraw', text }),
  },
  {
    name: 'revoke',
    does: 'take back the approval of a version that you were asked about: it may be neither deployed nor restored then',
    argument: ['<version>', 'model/version: flight-delays/7'],
    option: ['--reason <text>', 'kept in the record; the owner, the operators and the other approvers get it'],
    requestOf: requestOfVersion,
    act: (why) => ({ act: 'revoke', why }),
  },
  {
    name: 'ask',
    does: 'ask who submitted a release something before you decide; it is mailed to them',
    argument: RELEASE,
    option: ['--text <text>', 'the question'],
    requestOf: requestOfRelease,
    act: (text) => ({ act: 'ask', text }),
  },
  {
    name: 'comment',
    does: 'leave a comment for everyone who decides about a release',
    argument: RELEASE,
    option: ['--text <text>', 'the comment'],
    requestOf: requestOfRelease,
    act: (text) => ({ act: 'comment', text }),
  },
  {
    name: 'answer',
    does: 'answer what you were asked about your release; it is mailed to everyone who has not decided',
    argument: RELEASE,
    option: ['--text <text>', 'the answer'],
    requestOf: requestOfRelease,
    act: (text) => ({ act: 'answer', text }),
  },
];

export function registerApprovalActs(program: Command): void {
  for (const { name, does, argument, option, requestOf, act } of ACTS) {
    const [flags, description] = option;
    program
      .command(name)
      .description(does)
      .argument(...argument)
      .requiredOption(flags, description)
      .option('--json', JSON_OPTION)
      .action(async (subject: string, options: { reason?: string; text?: string }, command: Command) => {
        await send(command, subject, requestOf, act(options.reason ?? options.text ?? ''));
      });
  }
  registerDelegate(program);
  registerThread(program);
}

async function send(
  command: Command,
  subject: string,
  requestOf: RequestOf,
  act: Readonly<Record<string, string>>,
): Promise<void> {
  const { json, prefix } = command.optsWithGlobals<CommonOptions>();
  const connection = await connect(prefix);
  const requestId = await requestOf(connection, subject);
  const { message } = await (await ApprovalsApi.of(connection)).act(requestId, act);
  createOutput(json ?? false).result({ requestId, ...act, message }, () => message);
}

interface DelegateOptions {
  readonly to?: string;
  readonly from?: string;
  readonly until?: string;
  readonly end?: string;
}

function registerDelegate(program: Command): void {
  program
    .command('delegate')
    .description('hand your seat to another approver while you are away, in this request and in the others meanwhile')
    .argument(...RELEASE)
    .option('--to <person>', 'id of who stands in, as launchway.config.ts has it')
    .option('--from <date>', 'first day away: 2026-12-21 (default: today)')
    .option('--until <date>', 'day on which you are back: 2027-01-04')
    .option('--end <date>', 'end the delegation that began on that day, instead')
    .option('--json', JSON_OPTION)
    .action(async (subject: string, options: DelegateOptions, command: Command) => {
      await send(command, subject, requestOfRelease, delegation(options, new Date()));
    });
}

/** @throws {UsageError} neither a delegation nor the end of one */
export function delegation({ to, from, until, end }: DelegateOptions, now: Date): Readonly<Record<string, string>> {
  if (end !== undefined && to === undefined && until === undefined) return { act: 'back', from: end };
  if (end === undefined && to !== undefined && until !== undefined) {
    return { act: 'delegate', to, from: from ?? now.toISOString().slice(0, 10), until };
  }
  throw new UsageError('expected --to PERSON --until DATE, or --end DATE, got something else');
}

function registerThread(program: Command): void {
  program
    .command('thread')
    .description('what was asked, answered and commented about a release that people decide')
    .argument(...RELEASE)
    .option('--json', JSON_OPTION)
    .action(async (subject: string, _: unknown, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const connection = await connect(prefix);
      const thread = await (await ApprovalsApi.of(connection)).thread(await requestOfRelease(connection, subject));
      createOutput(json ?? false).result(thread, () => describe(thread));
    });
}

function describe({ model, version, status, approvers, notes }: ApprovalThread): string {
  const people = approvers.map(({ person, name, standsInFor }) =>
    standsInFor.length > 0 ? `${name} (${person}, for ${standsInFor.join(', ')})` : `${name} (${person})`,
  );
  return [
    `${bold(`${model} version ${version}`)}: ${status}`,
    `decided by ${people.join(', ')}`,
    ...(notes.length === 0 ? ['Nothing was said.'] : notes.map(noteText)),
  ].join('\n');
}

const noteText = ({ kind, by, at, text }: ApprovalThread['notes'][number]): string =>
  `\n${bold(by)}, ${kind}, ${moment(at)}\n${visibleText(text)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}`;

async function requestOfRelease({ lineage }: Connection, subject: string): Promise<string> {
  const { model, release } = parseReleaseName(subject);
  const { steps, status } = await lineage.getRelease(model, release);
  if (!steps.approval) {
    throw new UsageError(`expected a release that people are asked about, got ${subject}, which is ${status}`);
  }
  return steps.approval.requestId;
}

async function requestOfVersion({ lineage }: Connection, subject: string): Promise<string> {
  const { model, version } = parseVersionName(subject);
  const { approval, status } = await lineage.getVersion(model, version);
  if (!approval) throw new UsageError(`expected a version that was approved, got ${subject}, which is ${status}`);
  return approval.requestId;
}
