import type { Paging } from '../read-query.ts'
import type { ApiAnswer, ApiAsk } from './api-route.ts'

/** A page of a list in DataCloud's form, with where the pages before and after it are. */
export function pageOf(
  path: string,
  ask: Pick<ApiAsk, 'query'>,
  { pageNumber, size, total, items }: Paging & { total: number; items: readonly unknown[] },
): ApiAnswer {
  const at = (offset: number) => {
    const query = new URLSearchParams([...ask.query])
    query.set('offset', String(offset))
    query.set('size', String(size))
    return `/v2/api${path}?${query}`
  }
  const totalPages = Math.ceil(total / size)
  return {
    status: 200,
    body: {
      totalRecords: total,
      totalPages,
      size,
      pageNumber,
      items,
      links: {
        ...(pageNumber > 0 && { prev: at(pageNumber - 1) }),
        ...(pageNumber + 1 < totalPages && { next: at(pageNumber + 1) }),
      },
    },
  }
}

/** The same of a list that is all at hand. */
export function pageOfAll<T>(
  path: string,
  ask: Pick<ApiAsk, 'query'>,
  paging: Paging & { readonly all: readonly T[]; readonly view: (item: T) => unknown },
): ApiAnswer {
  const { pageNumber, size, all, view } = paging
  const items = all.slice(pageNumber * size, (pageNumber + 1) * size).map(view)
  return pageOf(path, ask, { pageNumber, size, total: all.length, items })
}
