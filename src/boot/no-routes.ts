import {join} from 'node:path'
import {showFile} from '../routing/source.js'
import {isFolder, roots} from './files.js'

/** How other frameworks call the folders. */
const misnamed = {controller: 'controllers', routes: 'route'}

/** Most often the wrong folder. */
export function noRoutes(dir: string): string {
  const hints = roots(dir).flatMap(root =>
    Object.entries(misnamed)
      .filter(([name]) => isFolder(join(root, name)))
      .map(([name, right]) => `found ${showFile(join(root, name), dir)}/: the folder is called ${right}/`),
  )
  const lookedFor = 'exported @WsRoute classes in controllers/ and for Candy.Route calls in route/'
  return [`no routes found: looked for ${lookedFor}, in ${dir} and ${dir}/web`, ...hints].join('\n')
}
