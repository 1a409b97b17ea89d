import { rmSync } from 'node:fs'

/** `--reset`: throws away a development store with everything in it. */
export async function dropData(dataFolder: string, store: string): Promise<void> {
  rmSync(dataFolder, { recursive: true, force: true })
  if (store.startsWith('sqlite:')) {
    const file = store.slice('sqlite:'.length)
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
    return
  }
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: store })
  await client.connect()
  try {
    await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  } finally {
    await client.end()
  }
}
