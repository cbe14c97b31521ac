import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { ApprovalStatus, Choice } from '../domain/approval/approval-request.ts';
import type { Connection } from './connection.ts';
import { UsageError } from './output.ts';
import { signedFetch } from './signed-fetch.ts';

/** An open request, as its callers see it. */
export interface ApprovalSummary {
  readonly requestId: string;
  readonly model: string;
  readonly version: number;
  readonly release: number;
  readonly digest: string;
  readonly status: ApprovalStatus;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
  readonly warnings: readonly string[];
  readonly seats: readonly { readonly role: string; readonly person?: string }[];
  readonly asked: readonly string[];
  /** True where the caller's vote is open. */
  readonly mine: boolean;
}

/** An approval of what serves that is due for review. */
export interface DueReview {
  readonly model: string;
  readonly version: number;
  /** `2027-01-31`. */
  readonly reviewBy: string;
  readonly approvedBy: readonly string[];
  /** True where the caller approved it. */
  readonly mine: boolean;
}

/** What was said about a request. */
export interface ApprovalThread {
  readonly requestId: string;
  readonly model: string;
  readonly version: number;
  readonly release: number;
  readonly status: ApprovalStatus;
  readonly approvers: readonly {
    readonly person: string;
    readonly name: string;
    readonly standsInFor: readonly string[];
  }[];
  readonly notes: readonly {
    readonly number: number;
    readonly kind: 'question' | 'answer' | 'comment';
    readonly by: string;
    readonly text: string;
    /** ISO 8601, UTC. */
    readonly at: string;
  }[];
}

/** The operations on approvals, as whoever the connection's credentials are. */
export class ApprovalsApi {
  readonly #connection: Connection;
  readonly #url: string;

  private constructor(connection: Connection, url: string) {
    this.#connection = connection;
    this.#url = url;
  }

  static async of(connection: Connection): Promise<ApprovalsApi> {
    return new ApprovalsApi(connection, await pagesUrl(connection));
  }

  /** @returns the caller's name, what is open, soonest expiry first, and what is due for review */
  list(): Promise<{
    readonly person: string;
    readonly requests: readonly ApprovalSummary[];
    readonly reviews: readonly DueReview[];
  }> {
    return this.#ask('');
  }

  /** With the evidence as text. */
  show(requestId: string): Promise<ApprovalSummary & { readonly person: string; readonly evidence: string }> {
    return this.#ask(`/${requestId}`);
  }

  decide(
    requestId: string,
    decision: {
      readonly decision: Choice;
      readonly reason: string;
      readonly ticket: string;
      readonly reviewBy: string;
      readonly digest: string;
    },
  ): Promise<{ readonly person: string; readonly status: ApprovalStatus }> {
    return this.#ask(`/${requestId}`, { method: 'POST', body: JSON.stringify(decision) });
  }

  /** What was said about a request, and who decides it. */
  thread(requestId: string): Promise<ApprovalThread> {
    return this.#ask(`/${requestId}/acts`);
  }

  /** Anything else that approvers and who submitted can do. @returns what became of it, in a sentence */
  act(requestId: string, act: Readonly<Record<string, string>>): Promise<{ readonly message: string }> {
    return this.#ask(`/${requestId}/acts`, { method: 'POST', body: JSON.stringify(act) });
  }

  async #ask<T>(path: string, request: { readonly method?: string; readonly body?: string } = {}): Promise<T> {
    const response = await signedFetch(this.#connection, new URL(`${this.#url}/commands/approvals${path}`), request);
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
    throw new UsageError(refusalOf(response.status, text));
  }
}

/** API Gateway's own refusal says only `Forbidden`; ours say why. */
function refusalOf(status: number, text: string): string {
  const said = /^\s*\{/.test(text) ? (JSON.parse(text) as { message?: string }).message : undefined;
  if (status === 403 && (said === undefined || said === 'Forbidden')) {
    return 'expected to be allowed execute-api:Invoke on the approvals of this deployment, got refused by AWS';
  }
  return said ?? `expected an answer about approvals, got status ${status}`;
}

/** @throws {UsageError} nothing is deployed under this prefix */
async function pagesUrl({ local, prefix, client }: Connection): Promise<string> {
  const stack = `${prefix}-pipeline`;
  const url = local ? await localOutput(local, stack) : await stackOutput(new CloudFormationClient(client), stack);
  if (url === undefined) throw new UsageError(`expected the output ApprovalUrl of the stack ${stack}, got none`);
  return url;
}

async function localOutput(local: string, stack: string): Promise<string | undefined> {
  const response = await fetch(`${local}/_launchway/outputs`);
  return ((await response.json()) as Record<string, Record<string, string>>)[stack]?.ApprovalUrl;
}

export async function stackOutput(client: CloudFormationClient, stack: string): Promise<string | undefined> {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  return Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'ApprovalUrl')?.OutputValue;
}
