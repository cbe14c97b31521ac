/** When the table below was put together; list prices change. */
export const PRICES_AS_OF = '2026-11';

/** Sizes of a family by price: USD per instance and hour. */
type Family = Readonly<Record<string, number>>;

/**
 * The US regions. M5, C5, G4dn and G5 as two transcriptions of AWS's price list of SageMaker have them, independently of each
 * other (looked up 2026-11-26). They are EC2's list price times 1.2 for CPUs, 1.4 for the smallest size with a GPU and 1.25 for the
 * others; M6i and C6i, of which only one transcription was found, are EC2's price times 1.2.
 */
const UNITED_STATES: Readonly<Record<string, Family>> = {
  m5: { large: 0.115, xlarge: 0.23, '2xlarge': 0.461, '4xlarge': 0.922, '12xlarge': 2.765, '24xlarge': 5.53 },
  m6i: { large: 0.115, xlarge: 0.23, '2xlarge': 0.461, '4xlarge': 0.922 },
  c5: { large: 0.102, xlarge: 0.204, '2xlarge': 0.408, '4xlarge': 0.816, '9xlarge': 1.836 },
  c6i: { large: 0.102, xlarge: 0.204, '2xlarge': 0.408, '4xlarge': 0.816 },
  g4dn: { xlarge: 0.7364, '2xlarge': 0.94, '4xlarge': 1.505, '8xlarge': 2.72, '12xlarge': 4.89 },
  g5: {
    xlarge: 1.408,
    '2xlarge': 1.515,
    '4xlarge': 2.03,
    '8xlarge': 3.06,
    '12xlarge': 7.09,
    '24xlarge': 10.18,
    '48xlarge': 20.36,
  },
};

/** EC2's list price in the region times the factors above; no list of SageMaker's own was at hand for these regions. */
const IRELAND: Readonly<Record<string, Family>> = {
  m5: { large: 0.128, xlarge: 0.257, '2xlarge': 0.514, '4xlarge': 1.027 },
  m6i: { large: 0.128, xlarge: 0.257, '2xlarge': 0.514, '4xlarge': 1.027 },
  c5: { large: 0.115, xlarge: 0.23, '2xlarge': 0.461, '4xlarge': 0.922 },
  c6i: { large: 0.109, xlarge: 0.219, '2xlarge': 0.438, '4xlarge': 0.876 },
  g4dn: { xlarge: 0.822, '2xlarge': 1.048 },
  g5: { xlarge: 1.572, '2xlarge': 1.691 },
};

const FRANKFURT: Readonly<Record<string, Family>> = {
  m5: { large: 0.138, xlarge: 0.276, '2xlarge': 0.552, '4xlarge': 1.104 },
  m6i: { large: 0.138, xlarge: 0.276, '2xlarge': 0.552, '4xlarge': 1.104 },
  c5: { large: 0.116, xlarge: 0.233, '2xlarge': 0.466, '4xlarge': 0.931 },
  c6i: { large: 0.116, xlarge: 0.233, '2xlarge': 0.466, '4xlarge': 0.931 },
  g4dn: { xlarge: 0.921, '2xlarge': 1.175 },
  g5: { xlarge: 1.761, '2xlarge': 1.894 },
};

/**
 * On-demand prices of training, batch transform and hosting, which are the same; without storage, traffic and tax. A type or region
 * that is not here has no stated cost: none is guessed.
 */
const BY_REGION: Readonly<Record<string, Readonly<Record<string, Family>>>> = {
  'us-east-1': UNITED_STATES,
  'us-east-2': UNITED_STATES,
  'us-west-2': UNITED_STATES,
  'eu-west-1': IRELAND,
  'eu-central-1': FRANKFURT,
};

/** @returns USD per instance and hour; undefined where no price is known */
function hourlyUsd(region: string, instanceType: string): number | undefined {
  const [, family = '', size = ''] = /^ml\.([a-z0-9]+)\.([a-z0-9]+)$/.exec(instanceType) ?? [];
  const families = Object.hasOwn(BY_REGION, region) ? BY_REGION[region]! : {};
  const sizes = Object.hasOwn(families, family) ? families[family]! : {};
  return Object.hasOwn(sizes, size) ? sizes[size] : undefined;
}

/** @returns USD; undefined where no price is known */
export function jobCostUsd(
  region: string,
  instanceType: string,
  instanceCount: number,
  seconds: number,
): number | undefined {
  const perHour = hourlyUsd(region, instanceType);
  return perHour === undefined ? undefined : (perHour * instanceCount * seconds) / 3600;
}

/** `0.04 USD`; four decimals where two would show nothing. */
export const showUsd = (usd: number): string => `${usd < 0.01 ? usd.toFixed(4) : usd.toFixed(2)} USD`;
