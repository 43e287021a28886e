import {execFile} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {expect, it} from 'vitest'
import {appFolder} from '../support/app-folder.js'

const say = `
import {Type} from 'class-transformer'
import {IsInt, IsString, Length, Min, ValidateNested} from 'class-validator'
import {Body, createApp, OnMessage, Token, WsRoute} from 'candy-ws'
import {connect} from 'candy-ws/testing'

class Line {
  @IsString() sku!: string
  @IsInt() @Min(1) quantity = 1
}
class Order {
  @IsString() @Length(1, 5) name!: string
  @ValidateNested({each: true}) @Type(() => Line) lines!: Line[]
}
@WsRoute('/orders') @Token(false)
class Orders {
  @OnMessage('order') order(order: Order) {
    return [order instanceof Order, order.lines[0] instanceof Line, order.lines[0]!.quantity]
  }
}
let made = true
try { new Function('return 1') } catch { made = false }
const app = await createApp({controllers: [Orders]})
const client = await connect(app, '/orders')
client.send({type: 'order', name: 'a', lines: [{sku: 'x'}], ref: 1})
client.send({type: 'order', name: 'too long', lines: [{sku: 1}, {sku: 'x', quantity: 0, price: 1}], ref: 2})
console.log(JSON.stringify([made, await client.next(), await client.next()]))
await app.close()
`

it('5. works where code may not be generated', {timeout: 60_000}, async () => {
  const dir = appFolder({'package.json': {type: 'module'}, 'main.ts': say})
  const env = {
    ...process.env,
    OXC_TSCONFIG_PATH: fileURLToPath(new URL('../../tsconfig.app.json', import.meta.url)),
  }
  const typescript = new URL('../support/typescript.mjs', import.meta.url).href
  const run = async (...flags: readonly string[]) => {
    const {stdout} = await promisify(execFile)(
      process.execPath,
      [...flags, '--import', typescript, 'main.ts'],
      {cwd: dir, env},
    )
    return JSON.parse(stdout) as unknown[]
  }
  const [without, compiled] = await Promise.all([run('--disallow-code-generation-from-strings'), run()])
  expect([without[0], compiled[0]]).toEqual([false, true])
  expect(without.slice(1)).toEqual([
    {type: 'reply', ref: 1, data: [true, true, 1]},
    {
      type: 'error',
      ref: 2,
      code: 'VALIDATION',
      message: 'The message is not valid',
      details: [
        {path: 'name', rule: 'isLength', message: 'name must be shorter than or equal to 5 characters'},
        {path: 'lines.0.sku', rule: 'isString', message: 'sku must be a string'},
        {path: 'lines.1.price', rule: 'whitelistValidation', message: 'property price should not exist'},
        {path: 'lines.1.quantity', rule: 'min', message: 'quantity must not be less than 1'},
      ],
    },
  ])
  expect(compiled.slice(1)).toEqual(without.slice(1))
})
