import { type Call, type Cloud, type Need, NotImplementedError, type Operation, ServiceError } from '../../service.ts';
import type { ConfigurationSets } from './configuration-sets.ts';
import type { Fates } from './fates.ts';
import type { Feedback } from './feedback.ts';
import type { Identities } from './identities.ts';
import { addressOf, type Mail, type Mailbox } from './mailbox.ts';
import { readRaw } from './raw-message.ts';

/** Fifty is SES's limit of recipients. */
const MOST_RECIPIENTS = 50;

interface Sending {
  readonly identities: Identities;
  readonly mailbox: Mailbox;
  readonly sets: ConfigurationSets;
  readonly fates: Fates;
  readonly feedback: Feedback;
}

export const sendEmail = (cloud: Cloud, { identities, mailbox, sets, fates, feedback }: Sending): Operation => ({
  members: ['FromEmailAddress', 'Destination', 'ReplyToAddresses', 'Content', 'EmailTags', 'ConfigurationSetName'],
  needs: (call) => needs(identities, sets, call),
  run: async ({ input, principal }) => {
    const draft = draftOf(input, identities);
    check(cloud, identities, sets, draft);
    const { mail, tell } = cloud.store.transaction(() => {
      const caller = principal.arn.split('/').at(-1) ?? principal.arn;
      const mail = mailbox.put({ ...draft, caller, fates: fates.among(draft.to.map(addressOf)) });
      return { mail, tell: feedback.accept(mail) };
    });
    tell();
    return { MessageId: mail.id };
  },
});

const needs = (identities: Identities, sets: ConfigurationSets, { input }: Call): Need[] => {
  const { from, to, configurationSet } = draftOf(input, identities);
  const identity = identities.verifying(from)?.name ?? addressOf(from);
  const action = input.Content?.Raw ? 'ses:SendRawEmail' : 'ses:SendEmail';
  const displayName = /^\s*"?(.*?)"?\s*<[^<>]+>\s*$/.exec(from)?.[1];
  const context = {
    'ses:FromAddress': addressOf(from),
    'ses:Recipients': to.map(addressOf),
    ...(displayName !== undefined && { 'ses:FromDisplayName': displayName }),
  };
  return [
    { action, resource: identities.arnOf(identity), context },
    ...(configurationSet === undefined ? [] : [{ action, resource: sets.arnOf(configurationSet), context }]),
  ];
};

type Draft = Omit<Mail, 'id' | 'at'>;

// biome-ignore lint/suspicious/noExplicitAny: SendEmail's input, checked here
const draftOf = (input: any, identities: Identities): Draft => {
  const { Simple, Raw, ...other } = input.Content ?? {};
  const unknown = Object.keys(other).find((name) => other[name] !== undefined);
  if (unknown) throw new NotImplementedError(`ses:SendEmail Content ${unknown}`);
  const { ToAddresses, CcAddresses, BccAddresses } = input.Destination ?? {};
  const envelope = {
    from: input.FromEmailAddress ?? '',
    to: [...(ToAddresses ?? []), ...(CcAddresses ?? []), ...(BccAddresses ?? [])].map(String),
    replyTo: input.ReplyToAddresses ?? [],
    tags: pairs(input.EmailTags),
    // An identity may have a set of its own for mails that name none.
    configurationSet:
      input.ConfigurationSetName ?? identities.verifying(input.FromEmailAddress ?? '')?.configurationSet,
  };
  if (Raw) return readRaw(envelope, Buffer.from(Raw.Data ?? '', 'base64').toString());
  if (!Simple) throw new ServiceError('BadRequestException', 'expected Content with Simple or Raw');
  if (Simple.Attachments) throw new NotImplementedError('ses:SendEmail Content Simple Attachments');
  return {
    ...envelope,
    subject: Simple.Subject?.Data ?? '',
    text: Simple.Body?.Text?.Data,
    html: Simple.Body?.Html?.Data,
    headers: pairs(Simple.Headers),
  };
};

const check = (cloud: Cloud, identities: Identities, sets: ConfigurationSets, draft: Draft): void => {
  if (draft.to.length === 0 || draft.to.length > MOST_RECIPIENTS) {
    throw new ServiceError(
      'BadRequestException',
      `expected 1 to ${MOST_RECIPIENTS} recipients, got ${draft.to.length}`,
    );
  }
  const lines = [draft.from, draft.subject, ...draft.to, ...draft.replyTo, ...Object.entries(draft.headers).flat()];
  if (lines.some((line) => /[\r\n]/.test(line))) {
    throw new ServiceError('BadRequestException', 'expected headers and addresses without line breaks');
  }
  const bad = draft.to.find((mailbox) => !/^[^\s@]+@[^\s@]+$/.test(addressOf(mailbox)));
  if (bad !== undefined) throw new ServiceError('BadRequestException', `Invalid recipient address: ${bad}`);
  if (!identities.verifying(draft.from)) {
    throw new ServiceError(
      'MessageRejected',
      `Email address is not verified. The following identities failed the check in region ${cloud.region.toUpperCase()}: ${draft.from}`,
    );
  }
  const { configurationSet } = draft;
  if (configurationSet !== undefined) sets.get(configurationSet);
};

const pairs = (list: readonly { Name: string; Value: string }[] | undefined): Record<string, string> =>
  Object.fromEntries((list ?? []).map(({ Name, Value }) => [Name, Value]));
