// Senders that are killed for two minutes, or for as long as OBM_TEST_KILL_SECONDS says.
process.env.OBM_TEST_KILL_SECONDS ??= '120'
process.argv.splice(2, Number.POSITIVE_INFINITY, '--slow', 'test/slow/three-senders-killed.test.ts')
await import('./test.mjs')
