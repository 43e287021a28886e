import ts from 'typescript'

const page = ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts']

/** A script of a page as the compiler sees it: what the client's types need, they must not take from Node. */
export function pageProgram(file: string, lib: readonly string[] = page): ts.Program {
  return ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: [...lib],
    types: [],
    strict: true,
    noEmit: true,
  })
}
