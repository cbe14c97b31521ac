import type { ScriptedIssuer } from '../support/scripted-issuer.ts';
import type { AttackGroup } from './attack-case.ts';
import { channels } from './cases/channels.ts';
import { commands } from './cases/commands.ts';
import { endedSessions, forgedSessions } from './cases/sessions.ts';
import { callbacks, lyingIssuer, openRedirects, otherIdentities } from './cases/sign-ins.ts';

/** Attacks on approvals where people sign in, on who they are, and on the ways beside the mail. */
export const signInAttacks = (issuer: ScriptedIssuer): readonly AttackGroup[] => [
  {
    ...lyingIssuer(issuer),
    prepare: async (cloud) => {
      await cloud.ask('pending');
    },
  },
  callbacks(issuer),
  openRedirects(),
  otherIdentities(issuer),
  forgedSessions(issuer),
  endedSessions(issuer),
  commands,
  channels,
];
