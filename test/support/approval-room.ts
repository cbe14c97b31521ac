import { expect } from '@jest/globals';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { PendingNotice } from '../../domain/notice/ports.ts';
import type { DecideApprovalInput, DecideApprovalOutput } from '../../lambdas/decide-approval/contract.ts';
import { decideApproval } from '../../lambdas/decide-approval/decide-approval.ts';
import { deliverDecision } from '../../lambdas/deliver-decision/deliver-decision.ts';
import { expireApproval } from '../../lambdas/expire-approval/expire-approval.ts';
import { followApproval } from '../../lambdas/follow-approval/follow-approval.ts';
import { planApproval } from '../../lambdas/plan-approval/plan-approval.ts';
import { RecordBounceInput } from '../../lambdas/record-bounce/contract.ts';
import { recordBounce } from '../../lambdas/record-bounce/record-bounce.ts';
import { remindApprovers } from '../../lambdas/remind-approvers/remind-approvers.ts';
import { requestApproval } from '../../lambdas/request-approval/request-approval.ts';
import { approvalArchive } from '../../lambdas/shared/approval-archive.ts';
import { CONFIG, DEFINITION, evaluationOf, modelRow, releaseRow, versionRow } from './approval-fixtures.ts';
import { FixedClock, InMemoryLineageStore, InMemoryMailer } from './in-memory.ts';
import {
  InMemoryApprovalStore,
  InMemoryDecisionQueue,
  InMemoryDelegationStore,
  InMemoryDigestStore,
  InMemoryLinkSigner,
  InMemoryReviewStore,
  InMemoryTasks,
  InMemoryThreadStore,
  InMemoryTokenVault,
  inMemoryWithdrawals,
} from './in-memory-approvals.ts';
import { InMemoryAuditTrail } from './in-memory-deployment.ts';
import { InMemoryMacKey, InMemorySignOuts } from './in-memory-sign-in.ts';

/** What must never be seen outside the vault and the answer to the task. */
export const CANARY = 'AQCEAAAAKgAAAAMAAAAAAAAAAcanary-task-token-4711';

export interface RoomOptions {
  readonly definition?: ModelDefinition;
  readonly config?: DeployedConfig;
}

/** Everything that takes part in an approval, over stores in memory, with release 14 of flight-delays validated. */
export class ApprovalRoom {
  readonly clock = new FixedClock('2030-01-01T00:00:00.000Z');
  readonly lineage = new InMemoryLineageStore(this.clock.now);
  readonly approvals = new InMemoryApprovalStore(this.lineage);
  readonly delegations = new InMemoryDelegationStore(this.approvals);
  readonly reviews = new InMemoryReviewStore(this.approvals);
  readonly digests = new InMemoryDigestStore();
  readonly thread = new InMemoryThreadStore(this.approvals);
  readonly trail = new InMemoryAuditTrail();
  readonly submissionLinks = new InMemoryLinkSigner('submission-key');
  readonly mailer = new InMemoryMailer();
  readonly links = new InMemoryLinkSigner();
  readonly vault = new InMemoryTokenVault();
  readonly decisions = new InMemoryDecisionQueue();
  readonly tasks = new InMemoryTasks();
  readonly problems: unknown[] = [];
  /** What channels are to be told. */
  readonly notices: PendingNotice[] = [];
  noticesFailWith: Error | undefined;
  readonly sessionKey = new InMemoryMacKey();
  readonly signOuts = new InMemorySignOuts();
  /** What is deployed now. */
  config: DeployedConfig;
  definition: ModelDefinition;
  evaluation = evaluationOf();
  /** What people were shown, by key. */
  readonly archived = new Map<string, string>();
  readonly #archive = approvalArchive(
    {
      putOnce: async ({ key }, body) => {
        const created = !this.archived.has(key);
        if (created) this.archived.set(key, String(body));
        return { created };
      },
    },
    'approved',
  );
  /** model.yaml by its sha256. */
  readonly definitionTexts = new Map<string, string>();
  #ids = 0;

  constructor({ definition = DEFINITION, config = CONFIG }: RoomOptions = {}) {
    this.config = config;
    this.definition = definition;
    this.lineage.models.set('flight-delays', modelRow());
    this.lineage.releases.set('flight-delays/14', releaseRow());
    this.lineage.versions.set('flight-delays/7', versionRow());
  }

  /** A newer release of the model, validated. */
  addRelease(release: number, version: number): void {
    this.lineage.releases.set(`flight-delays/${release}`, releaseRow({ release, version }));
    this.lineage.versions.set(`flight-delays/${version}`, versionRow({ release, version }));
  }

  readonly #evidence = () => ({
    lineage: this.lineage,
    readDefinition: async () => this.definition,
    readEvaluation: async () => this.evaluation,
    readDefinitionText: async ({ sha256 }: ObjectRef) => this.definitionTexts.get(sha256 ?? '') ?? '',
    audit: this.trail,
    config: this.config,
  });

  /** What those who mail and act are given. */
  readonly mailing = () => ({
    ...this.#evidence(),
    approvals: this.approvals,
    delegations: this.delegations,
    reviews: this.reviews,
    digests: this.digests,
    thread: this.thread,
    archive: this.#archive,
    mailer: this.mailer,
    links: this.links,
    submissionLinks: this.submissionLinks,
    apiUrl: 'https://approvals.example.com',
    now: this.clock.now,
    onUnreached: (error: unknown) => this.problems.push(error),
    withdrawals: inMemoryWithdrawals({
      approvals: this.approvals,
      decisions: this.decisions,
      config: this.config,
      now: this.clock.now,
      onUnannounced: (error) => this.problems.push(error),
    }),
    notices: {
      announce: async (notice: PendingNotice) => {
        if (this.noticesFailWith) throw this.noticesFailWith;
        this.notices.push(notice);
      },
    },
  });

  /** How long the task that asks would wait, in seconds. */
  async plan(release = 14): Promise<number> {
    const plan = planApproval({ ...this.#evidence(), delegations: this.delegations, now: this.clock.now });
    return (await plan({ model: 'flight-delays', release })).timeoutSeconds;
  }

  ask(release = 14, taskToken = CANARY, hours = 24) {
    const ask = requestApproval({
      ...this.mailing(),
      vault: this.vault,
      decisions: this.decisions,
      newRequestId: () => `r${String(++this.#ids).padStart(40, '0')}`,
    });
    const taskExpiresAt = new Date(this.clock.now().getTime() + hours * 3_600_000 + 900_000).toISOString();
    return ask({ model: 'flight-delays', release, taskToken, taskExpiresAt });
  }

  /** What the hourly schedule does. */
  remind() {
    return remindApprovers(this.mailing())({});
  }

  /** What SES says of the newest mail to somebody. */
  bounce(person: string, event: Partial<RecordBounceInput> = {}) {
    const mail = this.mailer.sent.findLast(({ to, tags }) => to.includes(`${person}@example.com`) && tags)!;
    const tags = RecordBounceInput.shape.mail.shape.tags.parse(
      Object.fromEntries(Object.entries(mail.tags!).map(([name, value]) => [name, [value]])),
    );
    return recordBounce(this.mailing())({
      eventType: 'Bounce',
      bounce: { bounceType: 'Permanent', bouncedRecipients: [{ diagnosticCode: 'smtp; 550 5.1.1 user unknown' }] },
      mail: { tags },
      ...event,
    });
  }

  expire(release = 14) {
    return expireApproval({ lineage: this.lineage, approvals: this.approvals, now: this.clock.now })({
      model: 'flight-delays',
      release,
    });
  }

  /** Delivers what was announced, as the queue would. */
  deliver(...messages: string[]) {
    const bodies =
      messages.length > 0 ? messages : this.decisions.announced.map((requestId) => JSON.stringify({ requestId }));
    const handle = deliverDecision({
      approvals: this.approvals,
      vault: this.vault,
      task: this.tasks,
      onFailure: (error) => this.problems.push(error),
    });
    return handle({ Records: bodies.map((body, i) => ({ messageId: `m${i}`, body })) });
  }

  /** Mails to those who decide; who submitted gets others. */
  askingMails() {
    return this.mailer.sent.filter(({ to }) => !to.includes('dana@example.com'));
  }

  /** The link in the newest mail to this address. */
  linkFor(person: string): string {
    const texts = this.mailer.sent.filter(({ to }) => to.includes(`${person}@example.com`)).map(({ text }) => text);
    const links = texts.flatMap((text) => /https:\/\/approvals\.example\.com\/\S+/.exec(text) ?? []);
    expect(links).not.toEqual([]);
    return links.at(-1)!;
  }

  http(method: string, url: string, change: Partial<DecideApprovalInput> = {}): Promise<DecideApprovalOutput> {
    const { pathname, search } = new URL(url);
    const { decisions, config, sessionKey, signOuts } = this;
    const isSubmission = pathname.endsWith('/submission');
    const page = isSubmission ? followApproval : decideApproval;
    return page({
      ...this.mailing(),
      ...(isSubmission && { links: this.submissionLinks }),
      decisions,
      ...(config.issuer && {
        signIn: { config, sessionKey, signOuts, pagesUrl: 'https://approvals.example.com' },
      }),
      newNonce: () => 'nonce-nonce-nonce-nonce',
      onUnannounced: (error) => this.problems.push(error),
    })({
      rawPath: pathname,
      rawQueryString: search.slice(1),
      headers: {},
      cookies: [],
      isBase64Encoded: false,
      requestContext: { http: { method, sourceIp: '127.0.0.1' } },
      ...change,
    });
  }

  /** What a command is decided with, beside the caller. */
  commandDependencies() {
    const { approvals, decisions, clock, reviews } = this;
    return {
      ...this.#evidence(),
      approvals,
      reviews,
      decisions,
      archive: this.#archive,
      now: clock.now,
      onUnannounced: (error: unknown) => this.problems.push(error),
    };
  }

  /** Opens the page as a browser does, then sends its form. */
  async decide(url: string, fields: Readonly<Record<string, string>>, change: Partial<DecideApprovalInput> = {}) {
    const page = await this.http('GET', url);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? 'no-form';
    return this.post(
      url,
      { csrf, ...fields },
      { cookies: (page.cookies ?? []).map((one) => one.split(';')[0]!), ...change },
    );
  }

  post(url: string, fields: Readonly<Record<string, string>>, change: Partial<DecideApprovalInput> = {}) {
    return this.http('POST', url, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
      ...change,
    });
  }

  request(requestId = `r${'1'.padStart(40, '0')}`) {
    return this.approvals.requests.get(requestId)!;
  }

  version(version = 7) {
    return this.lineage.versions.get(`flight-delays/${version}`)!;
  }
}
