import { evidenceText } from '../../domain/approval/approval-mail.ts';
import { type ApprovalRequest, CHOICES, statusNow } from '../../domain/approval/approval-request.ts';
import { namedApprover } from '../../domain/approval/named-approver.ts';
import type { ApprovalStore, ReviewStore } from '../../domain/approval/ports.ts';
import { fillSeats } from '../../domain/approval/seats.ts';
import { type IamCaller, personOfCaller } from '../../domain/intake/person-of-caller.ts';
import { missingGroups } from '../../domain/sign-in/person-of-subject.ts';
import { refusalInWords, refusalStatus } from '../decide-approval/answers.ts';
import type { ApprovalArchive } from '../shared/approval-archive.ts';
import { type CastBallotDependencies, castBallot } from '../shared/cast-ballot.ts';
import { type EvidenceDependencies, evidenceOf } from '../shared/compile-evidence.ts';
import { dueReviews } from '../shared/due-reviews.ts';
import { isUnchanged } from '../shared/is-unchanged.ts';
import { type DecideByCommandInput, type DecideByCommandOutput, Decision } from './contract.ts';

export interface DecideByCommandDependencies extends EvidenceDependencies, CastBallotDependencies {
  readonly approvals: ApprovalStore;
  readonly reviews: Pick<ReviewStore, 'list'>;
  readonly archive: ApprovalArchive;
  /** This deployment's. */
  readonly accountId: string;
}

const ISSUER = 'iam.amazonaws.com';
const MAX_BODY_CHARACTERS = 64 * 1024;

/** Decides as somebody whose signature AWS has verified, under the same rules as the page. GET shows, POST decides. */
export const decideByCommand =
  (dependencies: DecideByCommandDependencies) =>
  async (input: DecideByCommandInput): Promise<DecideByCommandOutput> => {
    const { config, accountId } = dependencies;
    const caller = input.requestContext.authorizer.iam;
    const person = personOfCaller(caller, config, accountId);
    if (person === undefined) {
      return refuse(403, `expected an IAM principal of one of people in launchway.config.ts, got ${caller.userArn}`);
    }
    const { method } = input.requestContext.http;
    const path = /\/commands\/approvals(?:\/([A-Za-z0-9]{16,64}))?$/.exec(input.rawPath);
    if (!path) return notHere();
    const [, requestId] = path;
    if (requestId === undefined) return method === 'GET' ? list(dependencies, person) : notHere();
    const request = await dependencies.approvals.findRequest(requestId);
    if (!request) return refuse(404, `expected an approval request, got none with the id ${requestId}`);
    if (method === 'GET') return show(dependencies, request, person);
    return method === 'POST' ? decide(dependencies, input, request, person) : notHere();
  };

/** Everything that is open, and what is to be reviewed; the reminders of open requests are how they are found. */
async function list(dependencies: DecideByCommandDependencies, person: string): Promise<DecideByCommandOutput> {
  const { approvals, now } = dependencies;
  const reminders = await approvals.listReminders();
  const requests = await Promise.all(reminders.map(({ requestId }) => approvals.findRequest(requestId)));
  const open = requests.filter(
    (one): one is ApprovalRequest => one !== undefined && statusNow(one, now()) === 'Pending',
  );
  const summaries = await Promise.all(open.map((request) => summaryOf(dependencies, request, person)));
  summaries.sort((a, b) => a.expiresAt.localeCompare(b.expiresAt));
  const reviews = (await dueReviews(dependencies)).map(({ review, version: { approval } }) => ({
    model: review.model,
    version: review.version,
    reviewBy: review.reviewBy,
    approvedBy: approval.approvers.map((one) => nameOf(dependencies, one)),
    /** True where the caller approved it. */
    mine: approval.approvers.includes(person),
  }));
  return answer(200, { person: nameOf(dependencies, person), requests: summaries, reviews });
}

async function summaryOf(dependencies: DecideByCommandDependencies, request: ApprovalRequest, person: string) {
  const { approvals, now } = dependencies;
  const { requestId, model, version, release, digest, expiresAt, seats, approvers, warnings } = request;
  const votes = await approvals.listVotes(requestId);
  const approving = approvers.filter((one) =>
    votes.some((vote) => vote.person === one.person && vote.choice === 'approve'),
  );
  const status = statusNow(request, now());
  const isAsked = namedApprover(dependencies.config, request, person) !== undefined;
  return {
    requestId,
    model,
    version,
    release,
    digest,
    status,
    expiresAt,
    warnings,
    seats: fillSeats(seats, approving).map(({ role, person: sitting }) => ({
      role,
      ...(sitting !== undefined && { person: nameOf(dependencies, sitting) }),
    })),
    asked: approvers.map((one) => nameOf(dependencies, one.person)),
    /** True where the caller's vote is open. */
    mine: status === 'Pending' && isAsked && !votes.some((vote) => vote.person === person),
  };
}

async function show(dependencies: DecideByCommandDependencies, request: ApprovalRequest, person: string) {
  if (!namedApprover(dependencies.config, request, person)) return notAsked(dependencies, request, person);
  if (!(await isUnchanged(dependencies, request))) return changed();
  const summary = await summaryOf(dependencies, request, person);
  return answer(200, {
    ...summary,
    person: nameOf(dependencies, person),
    evidence: await textFor(dependencies, request, person),
  });
}

async function decide(
  dependencies: DecideByCommandDependencies,
  input: DecideByCommandInput,
  request: ApprovalRequest,
  person: string,
): Promise<DecideByCommandOutput> {
  const decision = decisionIn(input);
  if (!decision) return refuse(400, 'expected { decision, reason, digest } as JSON, got something else');
  const choice = CHOICES.find((known) => known === decision.decision);
  if (!choice) return refuse(400, `expected ${CHOICES.join(' or ')}, got "${decision.decision.slice(0, 40)}"`);
  const caller = input.requestContext.authorizer.iam;
  const approver = namedApprover(dependencies.config, request, person);
  if (!approver) {
    await note(dependencies, request, person, caller, 'not asked');
    return notAsked(dependencies, request, person);
  }
  const missing = missingGroups(approver.roles, [], dependencies.config);
  if (missing.length > 0) {
    return refuse(
      403,
      `expected a sign-in that has you in ${missing.join(' and ')}, which AWS cannot tell: decide on the page`,
    );
  }
  if (!(await isUnchanged(dependencies, request))) return changed();
  const result = await castBallot(dependencies, {
    requestId: request.requestId,
    ballot: {
      person,
      choice,
      reason: decision.reason,
      ticket: decision.ticket,
      reviewBy: decision.reviewBy,
      digest: decision.digest,
      identity: 'iam',
      knownAs: { issuer: ISSUER, subject: caller.userArn },
    },
    shown: async () => ({ terminal: await keepText(dependencies, request, person) }),
  });
  if (result === 'busy') return refuse(503, 'others are deciding at this moment; repeat it');
  if (result.kind === 'Refused') return refuse(refusalStatus(result.refusal), refusalInWords(result.refusal));
  const { requestId, model, version } = request;
  return answer(200, {
    requestId,
    model,
    version,
    choice,
    status: result.status,
    person: nameOf(dependencies, person),
  });
}

/** The JSON that was sent; undefined for anything else. */
function decisionIn({ body = '', isBase64Encoded }: DecideByCommandInput) {
  if (body.length > MAX_BODY_CHARACTERS) return undefined;
  try {
    return Decision.safeParse(JSON.parse(isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body)).data;
  } catch {
    return undefined; // not JSON
  }
}

const textFor = async (dependencies: DecideByCommandDependencies, request: ApprovalRequest, person: string) =>
  evidenceText(await evidenceOf(dependencies, request, person));

async function keepText(dependencies: DecideByCommandDependencies, request: ApprovalRequest, person: string) {
  const { team } = await dependencies.lineage.getVersion(request.model, request.version);
  return dependencies.archive.keepText(team, request, await textFor(dependencies, request, person));
}

function note(
  { approvals }: DecideByCommandDependencies,
  request: ApprovalRequest,
  person: string,
  { userArn }: IamCaller,
  why: string,
): Promise<void> {
  const knownAs = { issuer: ISSUER, subject: userArn };
  return approvals.noteRefusedIdentity(request, knownAs, {
    type: 'IdentityRefused',
    actor: person,
    subject: `approval/${request.requestId}`,
    details: { knownAs, why },
  });
}

const nameOf = ({ config }: DecideByCommandDependencies, person: string): string =>
  new Map(Object.entries(config.people)).get(person)?.name ?? person;

const notAsked = (dependencies: DecideByCommandDependencies, request: ApprovalRequest, person: string) => {
  const excluded = request.excluded.find((one) => one.person === person);
  return refuse(
    403,
    `${nameOf(dependencies, person)} is not asked to decide this${excluded ? `: ${excluded.why}` : ''}`,
  );
};

const changed = () => refuse(409, 'what is asked about has changed since; nothing was decided');
const notHere = () => refuse(404, 'expected an operation on approvals, got something else');

const answer = (statusCode: number, value: unknown): DecideByCommandOutput => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  body: JSON.stringify(value),
});

const refuse = (statusCode: number, message: string): DecideByCommandOutput => answer(statusCode, { message });
