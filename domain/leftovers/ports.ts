/** Which reports were sent, so that a schedule that fires twice tells once. */
export interface LeftoverReports {
  /** @param date `yyyy-mm-dd` @returns false where another took it on */
  claim(date: string): Promise<boolean>;
}
