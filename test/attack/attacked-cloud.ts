import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import {
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { keys } from '../../adapters/dynamodb-table.ts';
import { type ClientConfiguration, type Connection, connectTo } from '../../cli/connection.ts';
import { type InboxMail, readInbox } from '../../cli/demo/approve-by-mail.ts';
import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { RunningCloud } from '../../local/run.ts';
import { evaluationOf, modelRow, releaseRow, versionRow } from '../support/approval-fixtures.ts';
import { type Answer, type RawRequest, send } from './raw-http.ts';

/** A request that people were asked about, and what an attacker may have got hold of. */
export interface AskedRequest {
  readonly model: string;
  readonly release: number;
  readonly requestId: string;
  /** Person id → the link of their mail; who submitted has one of another kind. */
  readonly links: ReadonlyMap<string, string>;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
  readonly executionArn: string;
}

/** A form as a browser holds it after opening a link. */
export interface OpenForm {
  readonly link: string;
  readonly csrf: string;
  readonly cookie: string;
}

const ADDRESSES: Readonly<Record<string, string>> = {
  'ada@example.com': 'ada-approver',
  'ben@example.com': 'ben-business',
  'dana@example.com': 'dana-scientist',
};
/** The parameters of the task that asks, as far as they are read. */
interface Asking {
  readonly Payload?: { readonly taskToken?: string };
}

const PATIENCE = 30_000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A running local cloud with requests in it, seen as an attacker and as the one who compares before and after. */
export class AttackedCloud {
  readonly running: RunningCloud;
  readonly connection: Connection;
  /** Every page that was answered, for the canary scan. */
  readonly seen: string[] = [];
  readonly #asked = new Map<string, AskedRequest>();

  private constructor(running: RunningCloud, connection: Connection) {
    this.running = running;
    this.connection = connection;
  }

  static async over(running: RunningCloud): Promise<AttackedCloud> {
    return new AttackedCloud(running, await connectTo(running.url, 'launchway-local'));
  }

  get client(): ClientConfiguration {
    return this.connection.client;
  }

  machine(name: string): string {
    return `arn:aws:states:eu-west-1:${this.connection.account}:stateMachine:launchway-local-${name}`;
  }

  /** The request that was asked under this name. */
  asked(name: string): AskedRequest {
    const request = this.#asked.get(name);
    if (!request) throw new Error(`expected a request called ${name}, got ${[...this.#asked.keys()].join(', ')}`);
    return request;
  }

  link(name: string, person = 'ada-approver'): string {
    return this.asked(name).links.get(person)!;
  }

  /**
   * Writes a validated release of a model, and lets `approve-model` ask Ada and Ben about it.
   *
   * @param hours business hours that they have
   */
  async ask(name: string, { model = name, release = 1, hours = 48 } = {}): Promise<AskedRequest> {
    await this.#plant(model, release, hours);
    const { executionArn } = await this.connection.sfn.send(
      new StartExecutionCommand({
        stateMachineArn: this.machine('approve-model'),
        name: `attack-${model}-${release}`,
        input: JSON.stringify({ model, release }),
      }),
    );
    const links = await this.#linksIn(model, release);
    const requestId = /\/approvals\/(\w+)/.exec([...links.values()][0]!)![1]!;
    const row = await this.connection.table.get<ApprovalRequest>(keys.request(requestId));
    const asked = { model, release, requestId, links, expiresAt: row!.expiresAt, executionArn: executionArn! };
    this.#asked.set(name, asked);
    return asked;
  }

  /** Sends to the path and query of a link, or to a path as it is written. */
  async send(to: string, request: RawRequest = {}): Promise<Answer> {
    const path = to.startsWith('http') ? to.slice(new URL(to).origin.length) : to;
    const answer = await send(this.running.url, path, request);
    this.seen.push(answer.body, JSON.stringify(answer.headers));
    return answer;
  }

  /** Opens a link as its reader's browser does. */
  async open(link: string): Promise<OpenForm> {
    const { headers, body } = await this.send(link);
    const csrf = /name="csrf" value="([^"]+)"/.exec(body)?.[1] ?? 'no-form';
    const cookie = [headers['set-cookie'] ?? []].flat().map((one) => one.split(';')[0]);
    return { link, csrf, cookie: cookie.join('; ') };
  }

  /** Posts an open form; `change` replaces fields, undefined removes them. */
  post(form: OpenForm, change: Readonly<Record<string, string | undefined>> = {}, request: RawRequest = {}) {
    const fields = { csrf: form.csrf, decision: 'approve', reason: 'looks right', ...change };
    const body = new URLSearchParams(
      Object.entries(fields).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
    return this.send(form.link, {
      method: 'POST',
      body: body.toString(),
      ...request,
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: form.cookie, ...request.headers },
    });
  }

  /** To the moment at which a request expires: a quarter of an hour before its task does. */
  async advanceToExpiry(name: string): Promise<void> {
    const { clock } = this.running.cloud;
    await clock.advance(Date.parse(this.asked(name).expiresAt) - clock.now());
  }

  async advance(milliseconds: number): Promise<void> {
    await this.running.cloud.clock.advance(milliseconds);
  }

  /** Everything that an attack could change: rows, what serves, and whether the waiting tasks still wait. */
  async snapshot(): Promise<ReadonlyMap<string, string>> {
    await this.running.cloud.idle();
    const facts = new Map<string, string>();
    const rows = await this.rows();
    const open = new Set(rows.filter(({ status }) => status === 'Pending').map(({ requestId }) => requestId));
    // By the clock alone: how far chains were anchored, and that nobody is reminded of what is over.
    const isByClock = ({ pk, sk }: Record<string, unknown>) =>
      pk === 'ANCHORS' || (pk === 'REMINDERS' && !open.has(sk));
    for (const row of rows.filter((one) => !isByClock(one))) facts.set(`${row.pk} ${row.sk}`, canonicalJson(row));
    const sageMaker = new SageMakerClient(this.client);
    const [endpoints, configs, models] = await Promise.all([
      sageMaker.send(new ListEndpointsCommand({})),
      sageMaker.send(new ListEndpointConfigsCommand({})),
      sageMaker.send(new ListModelsCommand({})),
    ]);
    for (const one of endpoints.Endpoints ?? []) facts.set(`endpoint ${one.EndpointName}`, String(one.EndpointStatus));
    for (const one of configs.EndpointConfigs ?? []) facts.set(`configuration ${one.EndpointConfigName}`, 'there');
    for (const one of models.Models ?? []) facts.set(`model ${one.ModelName}`, 'there');
    for (const { executionArn } of this.#asked.values()) {
      const { status, output } = await this.connection.sfn.send(new DescribeExecutionCommand({ executionArn }));
      facts.set(executionArn, `${status} ${output ?? ''}`);
    }
    return facts;
  }

  async rows(): Promise<Record<string, unknown>[]> {
    const { table } = this.connection;
    const rows: Record<string, unknown>[] = [];
    for await (const { Items } of paginateScan({ client: table.client }, { TableName: table.name }))
      rows.push(...Items!);
    return rows;
  }

  inbox(): Promise<InboxMail[]> {
    return readInbox(this.running.url);
  }

  /** The tokens of the tasks that waited, as the service itself keeps them: what nobody may see anywhere else. */
  async taskTokens(): Promise<string[]> {
    return (await Promise.all([...this.#asked.keys()].map((name) => this.tokensOf(name)))).flat();
  }

  /** In the order in which they waited; a redriven task has another. */
  async tokensOf(name: string): Promise<string[]> {
    const { executionArn } = this.asked(name);
    const { events } = await this.connection.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    return (events ?? []).flatMap(({ taskScheduledEventDetails }) => {
      const parameters = JSON.parse(taskScheduledEventDetails?.parameters ?? '{}') as Asking;
      return parameters.Payload?.taskToken ?? [];
    });
  }

  /** Rows and objects of a validated release, as the steps before approval would have written them. */
  async #plant(model: string, release: number, hours: number): Promise<void> {
    const bucket = (kind: string) => `launchway-local-${kind}-${this.connection.account}`;
    const text = readFileSync('examples/flight-delays/model.yaml', 'utf8')
      .replace('model: flight-delays', `model: ${model}`)
      .replace('tier: standard', `tier: critical\napproval: { expiresBusinessHours: ${hours} }`);
    const evaluation = JSON.stringify(evaluationOf());
    const definition = { bucket: bucket('approved'), key: `operations/${model}/definitions/${release}/model.yaml` };
    const document = { bucket: bucket('artifacts'), key: `operations/${model}/releases/${release}/evaluation.json` };
    await this.#put(definition, text);
    await this.#put(document, evaluation);
    const pinned = { ...definition, sha256: sha256(text) };
    const version = versionRow({ model, release, version: release, definition: pinned });
    const submitter = { principal: `arn:aws:iam::${this.connection.account}:user/dana`, person: 'dana-scientist' };
    const rows: [object, object][] = [
      [keys.release(model, release), releaseRow({ model, release, version: release, submitter })],
      [
        keys.version(model, release),
        { ...version, evaluation: { ...version.evaluation!, document, sha256: sha256(evaluation) } },
      ],
    ];
    if (release === 1) rows.push([keys.model(model), modelRow({ model, definition: pinned, activeRelease: release })]);
    for (const [key, row] of rows) {
      const { table } = this.connection;
      await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, ...row } }));
    }
  }

  async #put({ bucket, key }: { bucket: string; key: string }, Body: string): Promise<void> {
    await this.connection.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, IfNoneMatch: '*' }));
  }

  async #linksIn(model: string, release: number): Promise<Map<string, string>> {
    for (const until = Date.now() + PATIENCE; Date.now() < until; await sleep(50)) {
      const mails = (await this.inbox()).filter(({ subject }) => subject.startsWith(`[${model}] version ${release}:`));
      const links = mails.map(
        ({ to, text }) => [ADDRESSES[to[0]!]!, /https?:\/\/\S*\/approvals\/\S+/.exec(text)![0]] as const,
      );
      if (links.length === 3) return new Map(links);
    }
    throw new Error(
      `expected two people to be asked, and who submitted to be told, about ${model}/${release} within ${PATIENCE / 1000} s`,
    );
  }
}
