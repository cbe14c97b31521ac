#!/usr/bin/env node
// Plain JavaScript, so that an old Node can still say what is wrong.
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `launchway needs Node 24 or newer and found ${process.versions.node}: run it with npx or npm run, which bring it`,
  );
  process.exit(1);
}
process.removeAllListeners('warning'); // node:sqlite announces itself on every start
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') console.error(`${warning.name}: ${warning.message}`);
});
const { main } = await import('../cli/main.ts');
await main(process.argv);
