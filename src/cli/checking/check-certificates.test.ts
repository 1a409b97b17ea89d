import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { daysFromNow, openAuthority } from '../../../test/support/certificates.ts'
import { temporaryProject } from '../../../test/support/temporary-project.ts'
import { readProjectConfig } from '../../config/project-config.ts'
import { checkCertificates } from './check-certificates.ts'

test('a check of the project tells what is wrong with each client certificate, with its file', async (t) => {
  const root = await openAuthority()
  const [good, other] = [await root.issue(), await root.issue()]
  const expired = await root.issue({ notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) })
  const early = await root.issue({ notBefore: daysFromNow(1) })
  const soon = await root.issue({ notAfter: daysFromNow(29) })
  const server = await root.issue({ usages: ['serverAuth'] })
  const kept = { good, expired, early, soon, server }
  const filesOf = (name: string, keyName = name) => ({
    clientCertificate: { certFile: `tls/${name}.pem`, keyFile: `tls/${keyName}.key` },
  })
  const folder = await temporaryProject(t, {
    ...Object.fromEntries(
      Object.entries(kept).flatMap(([name, { cert, key }]) => [
        [`tls/${name}.pem`, cert],
        [`tls/${name}.key`, key],
      ]),
    ),
    'tls/good2.pem': good.cert,
    'tls/other.key': other.key,
    'obm.config.json': JSON.stringify({
      delivery: {
        ...filesOf('good'),
        messages: {
          'Account.Expired': filesOf('expired'),
          'Account.Early': filesOf('early'),
          'Account.Soon': filesOf('soon'),
          'Account.Server': filesOf('server'),
          'Account.Mismatch': filesOf('good2', 'other'),
          'Account.Gone': filesOf('gone'),
        },
      },
    }),
  })
  const { certificates } = readProjectConfig(folder).delivery
  const problems = await checkCertificates(certificates, folder, Date.now())
  assert.deepEqual(
    problems.map(({ file, code, severity }) => [file, code, severity]),
    [
      [join('tls', 'expired.pem'), 'CERTIFICATE_EXPIRED', 'error'],
      [join('tls', 'early.pem'), 'CERTIFICATE_NOT_YET_VALID', 'error'],
      [join('tls', 'soon.pem'), 'CERTIFICATE_EXPIRES_SOON', 'warning'],
      [join('tls', 'server.pem'), 'CERTIFICATE_NOT_FOR_CLIENTS', 'warning'],
      [join('tls', 'other.key'), 'CERTIFICATE_KEY_MISMATCH', 'error'],
      [join('tls', 'gone.pem'), 'CERTIFICATE_UNREADABLE', 'error'],
    ],
  )
})
