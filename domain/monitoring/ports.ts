import type { AuditEvent } from '../audit.ts';
import type { TimeWindow } from '../drift/persistence.ts';
import type { Detector, IncidentRow, ProfileRow, WindowRow } from './rows.ts';

/** What monitoring remembers: profiles, checked windows, incidents. */
export interface MonitoringStore {
  /** Profiles of the hours in a stretch of time, oldest first. */
  listProfiles(model: string, version: number, during: TimeWindow): Promise<ProfileRow[]>;
  /**
   * @param seen the revision that this one replaces; undefined where there was none
   * @returns false where someone else wrote the hour in between: theirs is as good
   */
  saveProfile(row: ProfileRow, seen: string | undefined): Promise<boolean>;

  /** The newest checked windows of a version, oldest first. */
  lastWindows(model: string, version: number, most: number): Promise<WindowRow[]>;
  findWindow(model: string, version: number, start: string): Promise<WindowRow | undefined>;
  /** @returns false where the window was checked before: one check per window */
  saveWindow(row: WindowRow, audit: AuditEvent): Promise<boolean>;

  /** The incident that is open now; one at a time per model and detector. */
  openIncident(model: string, detector: Detector): Promise<IncidentRow | undefined>;
  /** @returns false where one is open already, or one with this start existed */
  raiseIncident(row: IncidentRow, audit: AuditEvent): Promise<boolean>;
  /** Records that people were told; repeating it changes nothing. */
  recordNotified(row: IncidentRow, at: string, toldTo: readonly string[], audit: AuditEvent): Promise<void>;
  /** Closes it; repeating it changes nothing. */
  closeIncident(row: IncidentRow, at: string, because: string, audit: AuditEvent): Promise<void>;
}

/** How many requests an endpoint answered: what captures are held against. */
export interface InvocationCounter {
  /** @returns requests that reached the variant during the window */
  count(endpointName: string, variant: string, during: TimeWindow): Promise<number>;
}

/** Whatever pages people: a topic with subscribers. */
export interface AlertPublisher {
  /** @param alert.dedupKey alerts with one key are one event, however often they are published */
  publish(alert: { readonly subject: string; readonly message: string; readonly dedupKey: string }): Promise<void>;
}
