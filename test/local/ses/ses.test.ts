import { MessageRejected, SESv2Client, SendEmailCommand, type SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let ses: SESv2Client;

beforeEach(async () => {
  small = await SmallCloud.start();
  ses = new SESv2Client(small.client);
  await small.create('AWS::SES::EmailIdentity', { EmailIdentity: 'example.com' });
});

afterEach(async () => {
  ses.destroy();
  await small.stop();
});

const send = (more: Partial<SendEmailCommandInput> = {}, subject = 'Approve flights') =>
  ses.send(
    new SendEmailCommand({
      FromEmailAddress: 'Launchway <launchway@example.com>',
      Destination: { ToAddresses: ['Ann <ann@example.org>'] },
      Content: {
        Simple: {
          Subject: { Data: subject },
          Body: {
            Text: { Data: 'Open http://127.0.0.1/x?a=1&b=2 <now>' },
            Html: { Data: '<p>Open <a href="/x">it</a></p>' },
          },
          Headers: [{ Name: 'X-Model', Value: 'flights' }],
        },
      },
      ...more,
    }),
  );

const get = async (path: string) => {
  const response = await fetch(small.cloud.url + path);
  return {
    status: response.status,
    policy: response.headers.get('content-security-policy'),
    body: await response.text(),
  };
};

describe('sending a mail', () => {
  it('keeps it for its recipient, also over a restart', async () => {
    const { MessageId } = await send();
    await small.restart();
    const mails = JSON.parse((await get('/_launchway/inbox.json?to=ann@example.org')).body);
    expect(mails).toMatchObject([
      { id: MessageId, subject: 'Approve flights', to: ['Ann <ann@example.org>'], headers: { 'X-Model': 'flights' } },
    ]);
    expect(JSON.parse((await get('/_launchway/inbox.json?to=bob@example.org')).body)).toEqual([]);
  });

  it('is refused from an address nobody verified', async () => {
    await expect(send({ FromEmailAddress: 'someone@elsewhere.net' })).rejects.toBeInstanceOf(MessageRejected);
  });

  it('is refused where a header would hold a second line', async () => {
    await expect(send({}, 'Hello\r\nBcc: everyone@example.org')).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  it('is refused for a configuration set that does not exist', async () => {
    await expect(send({ ConfigurationSetName: 'none' })).rejects.toMatchObject({ name: 'NotFoundException' });
    const { ref } = await small.create('AWS::SES::ConfigurationSet', { Name: 'quiet' });
    await expect(send({ ConfigurationSetName: ref })).resolves.toMatchObject({ MessageId: expect.any(String) });
  });

  it('reads the headers of a message its sender wrote', async () => {
    const raw = 'From: launchway@example.com\r\nTo: ann@example.org\r\nSubject: Raw\r\n\r\nBody';
    await ses.send(new SendEmailCommand({ Content: { Raw: { Data: Buffer.from(raw) } } }));
    const mails = JSON.parse((await get('/_launchway/inbox.json')).body);
    expect(mails).toMatchObject([
      { subject: 'Raw', from: 'launchway@example.com', to: ['ann@example.org'], text: 'Body' },
    ]);
  });

  it('needs permission on the identity', async () => {
    const role = await small.role('mailer', 'lambda.amazonaws.com', [
      ['ses:SendEmail', 'arn:aws:ses:eu-west-1:000000000000:identity/example.com'],
    ]);
    const input = {
      FromEmailAddress: 'launchway@example.com',
      Destination: { ToAddresses: ['ann@example.org'] },
      Content: { Simple: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } } } },
    };
    const mailer = await small.cloud.assume(role, 'x', 'lambda.amazonaws.com');
    await expect(small.call('ses', 'SendEmail', input, mailer)).resolves.toHaveProperty('MessageId');
    const other = await small.cloud.assume(
      await small.role('mute', 'lambda.amazonaws.com', []),
      'x',
      'lambda.amazonaws.com',
    );
    await expect(small.call('ses', 'SendEmail', input, other)).rejects.toMatchObject({ status: 403 });
  });
});

describe('the inbox', () => {
  it('lists mails, the newest first, and escapes what they say', async () => {
    await send({}, 'first');
    await small.cloud.clock.advance(1000);
    await send({}, '<script>alert(1)</script>');
    const { body, policy } = await get('/_launchway/inbox');
    expect(body.indexOf('&lt;script&gt;')).toBeLessThan(body.indexOf('first'));
    expect(body).not.toContain('<script>');
    expect(policy).toContain("default-src 'none'");
  });

  it('shows the text beside the mail itself, which may run nothing and opens its links in a new tab', async () => {
    const { MessageId } = await send();
    const shown = await get(`/_launchway/inbox/${MessageId}`);
    expect(shown.body).toContain('<a href="http://127.0.0.1/x?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">');
    expect(shown.body).toContain('&lt;now&gt;');
    expect(shown.body).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
    const mail = await get(`/_launchway/inbox/${MessageId}/html`);
    expect(mail.body).toBe('<!doctype html><base target="_blank"><p>Open <a href="/x">it</a></p>');
    expect(mail.policy).toMatch(/default-src 'none'.*sandbox allow-popups allow-popups-to-escape-sandbox$/);
  });

  it('says when there is no such mail', async () => {
    expect((await get('/_launchway/inbox/none')).status).toBe(404);
  });
});
