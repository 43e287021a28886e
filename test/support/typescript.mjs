// Runs the tests' TypeScript.
import {register} from 'node:module'
import '@oxc-node/core/register'

register('./typescript-hook.mjs', import.meta.url)
