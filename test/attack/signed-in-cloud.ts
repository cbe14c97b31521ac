import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { exampleImages } from '../../cli/commands/local.ts';
import { runLocalCloud } from '../../local/run.ts';
import { ScriptedIssuer } from '../support/scripted-issuer.ts';
import { AttackedCloud } from './attacked-cloud.ts';

/** What must be seen nowhere but in the secret: it is the address of the channel. */
export const ADDRESS_CANARY = 'canary-address-4711';

export interface SignedInCloud {
  readonly cloud: AttackedCloud;
  readonly issuer: ScriptedIssuer;
  remove(): Promise<void>;
}

/** Puts the app with this issuer into this folder. */
type Synthesize = (issuer: string, folder: string) => Promise<unknown>;

const synthesize: Synthesize = (issuer, folder) =>
  promisify(execFile)(join('node_modules', '.bin', 'cdk'), ['synth', '--quiet', '--output', folder], {
    env: { ...process.env, LAUNCHWAY_LOCAL_ISSUER: issuer },
  });

/** A local cloud whose pages demand a sign-in, at an issuer that can be told to lie, and whose tiers have a channel. */
export async function signedInCloud(
  report: (line: string) => void = () => {},
  made: Synthesize = synthesize,
): Promise<SignedInCloud> {
  const stateDir = mkdtempSync(join(tmpdir(), 'launchway-signed-in-'));
  const { issuer, close } = await serveIssuer();
  const assembly = join(stateDir, 'assembly');
  await made(issuer.url, assembly);
  const running = await runLocalCloud({ port: 0, stateDir, assembly, images: exampleImages(), report });
  const cloud = await AttackedCloud.over(running);
  issuer.now = () => running.cloud.clock.now();
  await new SecretsManagerClient(cloud.client).send(
    new CreateSecretCommand({
      Name: 'launchway-local/channel',
      SecretString: `${running.url}/_launchway/channel/${ADDRESS_CANARY}`,
    }),
  );
  return {
    cloud,
    issuer,
    remove: async () => {
      await running.stop();
      await close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

async function serveIssuer() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = new ScriptedIssuer(url);
  server.on('request', async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const answer = await issuer.fetch(`${url}${request.url}`, { method: request.method!, ...(body && { body }) });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.text());
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { issuer, close };
}
