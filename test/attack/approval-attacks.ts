import type { AttackGroup } from './attack-case.ts';
import { forgedInputs } from './cases/forged-inputs.ts';
import { forgedLinks } from './cases/forged-links.ts';
import { forgedForms, hostileReasons, unknownDecisions } from './cases/forms.ts';
import { afterWithdrawal, approversActs, forgedBounces, submittersPage } from './cases/other-acts.ts';
import { otherRoles } from './cases/other-roles.ts';
import {
  afterChange,
  afterDecision,
  afterExpiry,
  afterRedrive,
  afterSupersession,
  afterVote,
  longAfterExpiry,
} from './cases/replays.ts';
import { scanners } from './cases/scanners.ts';

/** Attacks on approvals, in an order in which each group finds what it starts from. */
export const approvalAttacks: readonly AttackGroup[] = [
  {
    ...scanners,
    prepare: async (cloud) => {
      await cloud.ask('pending', { model: 'attacked' });
      await cloud.ask('other');
    },
  },
  forgedLinks,
  forgedForms,
  unknownDecisions,
  hostileReasons,
  approversActs,
  submittersPage,
  afterWithdrawal,
  forgedBounces,
  otherRoles,
  forgedInputs,
  afterVote,
  afterDecision,
  afterSupersession,
  afterRedrive,
  afterChange,
  afterExpiry,
  longAfterExpiry,
];
