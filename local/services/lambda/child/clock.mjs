// Loaded before any other code of a function process. Plain JavaScript: stripping types would cost each cold start 40 ms.

const RealDate = Date;
const realNow = RealDate.now.bind(RealDate);
let clock = JSON.parse(process.env.LAUNCHWAY_CLOCK ?? '{"offset":0}');
delete process.env.LAUNCHWAY_CLOCK;

const now = () => clock.pausedAt ?? realNow() + clock.offset;

/** `Date` by the local cloud's clock; dates given explicitly are what they are. */
const LocalDate = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
});
RealDate.now = now;
Object.defineProperty(RealDate.prototype, 'constructor', { value: LocalDate, writable: true, configurable: true });
globalThis.Date = LocalDate;

process.on('message', (message) => {
  if (typeof message === 'object' && message !== null && 'clock' in message) clock = message.clock;
});
