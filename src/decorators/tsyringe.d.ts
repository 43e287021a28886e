// The one internal of tsyringe without types: what it knows of each decorated class.
declare module 'tsyringe/dist/cjs/dependency-container.js' {
  export const typeInfo: Map<unknown, readonly unknown[]>
}
