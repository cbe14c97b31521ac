/** The smallest magnitude that a number of DynamoDB has. */
const SMALLEST = 1e-130;

/**
 * A value as DynamoDB can hold it. It refuses a whole write for one number that is closer to 0 than 1e-130, as the p-value of
 * inputs that moved far is: such a number becomes ±1e-130, which no rule tells from it.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function storable<Value>(value: Value): Value {
  if (typeof value === 'number') return tiny(value) as Value;
  if (Array.isArray(value)) return value.map(storable) as Value;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, storable(one)])) as Value;
}

const tiny = (value: number): number =>
  value !== 0 && Math.abs(value) < SMALLEST ? Math.sign(value) * SMALLEST : value;
