// Runs the tests' TypeScript, and their apps' as Candy does.
import {register} from 'node:module'
import '@oxc-node/core/register'

register('../../dist/boot/typescript-hook.js', import.meta.url)
register('./typescript-hook.mjs', import.meta.url)
