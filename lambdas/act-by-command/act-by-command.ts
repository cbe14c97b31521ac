import { type ApprovalRequest, statusNow } from '../../domain/approval/approval-request.ts';
import { namedApprover } from '../../domain/approval/named-approver.ts';
import { isSubmitter } from '../../domain/approval/withdrawal.ts';
import { type IamCaller, personOfCaller } from '../../domain/intake/person-of-caller.ts';
import type { Submitter } from '../../domain/model.ts';
import { type ActResult, statusOf } from '../shared/act-result.ts';
import { APPROVER_ACTS, type ApproverActsDependencies, actAsApprover } from '../shared/approver-acts.ts';
import { actAsSubmitter, SUBMITTER_ACTS, type SubmitterActsDependencies } from '../shared/submitter-acts.ts';
import { type ActByCommandInput, type ActByCommandOutput, CommandedAct } from './contract.ts';

export interface ActByCommandDependencies
  extends ApproverActsDependencies,
    Pick<SubmitterActsDependencies, 'withdrawals'> {
  /** This deployment's. */
  readonly accountId: string;
}

const MAX_BODY_CHARACTERS = 64 * 1024;
const ISSUER = 'iam.amazonaws.com';

/**
 * What approvers and who submitted can do on their pages, as somebody whose signature AWS has verified and under the same rules.
 * GET shows what was said; POST acts.
 */
export const actByCommand =
  (dependencies: ActByCommandDependencies) =>
  async (input: ActByCommandInput): Promise<ActByCommandOutput> => {
    const { approvals, config, accountId } = dependencies;
    const caller = input.requestContext.authorizer.iam;
    const requestId = /\/commands\/approvals\/([A-Za-z0-9]{16,64})\/acts$/.exec(input.rawPath)?.[1];
    const request = requestId === undefined ? undefined : await approvals.findRequest(requestId);
    const person = personOfCaller(caller, config, accountId);
    const who = submitterOf(request, caller, person);
    const isTheirs = request !== undefined && isSubmitter(config, request.submitter, who);
    const isAsked =
      request !== undefined && person !== undefined && namedApprover(config, request, person) !== undefined;
    // One answer for what is not there and what is not theirs: it tells nothing about what exists.
    if (!request || (!isTheirs && !isAsked)) {
      return refuse(403, 'expected a request that you submitted or are asked to decide, got none');
    }
    if (input.requestContext.http.method === 'GET') return show(dependencies, request);
    const given = actIn(input);
    if (!given) return refuse(400, 'expected { act, … } as JSON, got something else');
    const result = await perform(dependencies, request, given, {
      caller,
      ...(isTheirs && { submitter: who }),
      ...(isAsked && person !== undefined && { approver: person }),
    });
    if (result === undefined) {
      const acts = [...(isAsked ? APPROVER_ACTS : []), ...(isTheirs ? SUBMITTER_ACTS : [])];
      return refuse(403, `expected one of ${acts.join(', ')}, got "${given.act.slice(0, 40)}"`);
    }
    if (result === 'busy') return refuse(503, 'others are acting at this moment; repeat it');
    return result.kind === 'done' ? answer(200, { message: result.text }) : refuse(statusOf(result), result.text);
  };

/** A principal that no identity maps to is known as S3 names it, or by its ARN. */
function submitterOf(request: ApprovalRequest | undefined, caller: IamCaller, person: string | undefined): Submitter {
  const names = [caller.userArn, `AWS:${caller.callerId}`];
  const principal = names.find((name) => name === request?.submitter.principal) ?? caller.userArn;
  return { principal, ...(person !== undefined && { person }) };
}

interface Roles {
  readonly caller: IamCaller;
  readonly submitter?: Submitter;
  /** Person id. */
  readonly approver?: string;
}

/** @returns undefined where this is nobody's act, or not the caller's */
async function perform(
  dependencies: ActByCommandDependencies,
  { requestId }: ApprovalRequest,
  given: CommandedAct,
  { caller, submitter, approver }: Roles,
): Promise<ActResult | undefined> {
  const knownBy = { identity: 'iam', knownAs: { issuer: ISSUER, subject: caller.userArn } };
  const asApprover = APPROVER_ACTS.find((act) => act === given.act);
  if (asApprover && approver !== undefined) {
    const field = (name: string) => given[name as 'text'] ?? '';
    return actAsApprover(dependencies, { requestId, person: approver, knownBy }, asApprover, field);
  }
  const asSubmitter = SUBMITTER_ACTS.find((act) => act === given.act);
  if (asSubmitter && submitter) return actAsSubmitter(dependencies, requestId, knownBy, asSubmitter, given.text);
  return undefined;
}

/** The JSON that was sent; undefined for anything else. */
function actIn({ body = '', isBase64Encoded }: ActByCommandInput): CommandedAct | undefined {
  if (body.length > MAX_BODY_CHARACTERS) return undefined;
  try {
    return CommandedAct.safeParse(JSON.parse(isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body))
      .data;
  } catch {
    return undefined; // not JSON
  }
}

async function show(dependencies: ActByCommandDependencies, request: ApprovalRequest): Promise<ActByCommandOutput> {
  const { thread, config, now } = dependencies;
  const name = (person: string) => new Map(Object.entries(config.people)).get(person)?.name ?? person;
  const { requestId, model, version, release, approvers } = request;
  return answer(200, {
    requestId,
    model,
    version,
    release,
    status: statusNow(request, now()),
    approvers: approvers.map(({ person, standsInFor = [] }) => ({
      person,
      name: name(person),
      standsInFor: standsInFor.map((away) => name(away.person)),
    })),
    notes: (await thread.list(requestId)).map(({ number, kind, by, text, at }) => ({
      number,
      kind,
      by: name(by),
      text,
      at,
    })),
  });
}

const answer = (statusCode: number, value: unknown): ActByCommandOutput => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  body: JSON.stringify(value),
});

const refuse = (statusCode: number, message: string): ActByCommandOutput => answer(statusCode, { message });
