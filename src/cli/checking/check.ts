import { resolve } from 'node:path'
import { readProjectConfig } from '../../config/project-config.ts'
import { checkProject } from '../../metadata/check-project.ts'
import { readProject } from '../../metadata/read-project.ts'
import { checkCertificates } from './check-certificates.ts'
import { projectCompiler } from './compile-project.ts'

/** `obm check`: what a project holds and every problem in it. Exit code 1 when one of them is an error. */
export async function check(folder: string, { json }: { readonly json: boolean }): Promise<number> {
  const { org, delivery } = readProjectConfig(resolve(folder))
  const project = checkProject(await readProject(resolve(folder)), projectCompiler(org))
  const ofCertificates = await checkCertificates(delivery.certificates, resolve(folder), Date.now())
  const found = { ...project, problems: [...project.problems, ...ofCertificates] }
  if (json) {
    console.log(JSON.stringify(found))
  } else {
    for (const { file, line, severity, code, message } of found.problems) {
      console.log(`${file}:${line}  ${severity}  ${code}  ${message}`)
    }
    const { problems, ...counts } = found
    console.log(
      Object.entries(counts)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    )
    console.log(problems.length === 0 ? 'No problems.' : `${problems.length} problems.`)
  }
  return found.problems.some(({ severity }) => severity === 'error') ? 1 : 0
}
