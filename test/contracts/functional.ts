import {CandyError, createApp, type Candy} from 'candy-ws'
import {setTimeout as delay} from 'node:timers/promises'
import {Say, type MakeApp} from './route.js'

const open = {token: false}
const welcome = (Candy: Candy) => Candy.ws.send({type: 'welcome'})

/** The routes of the suite as functions. */
export const makeFunctional: MakeApp = async options => {
  const app = await createApp(options)
  const {Route} = app

  Route.ws('/welcome', welcome, open)

  Route.ws('/token', welcome)

  Route.ws(
    '/hall/{hall}/user/{user}',
    Candy => {
      const {hall, user} = Candy.Request.data.url
      Candy.ws.send({hall, user, as: Candy.Request.data.get.as})
    },
    open,
  )

  Route.ws(
    '/count',
    Candy => {
      let count = 0
      Candy.ws.on('message', () => Candy.ws.send({count: (count += 1)}))
    },
    open,
  )

  Route.ws(
    '/broken',
    async () => {
      await delay(1)
      throw new Error('the secret of /broken')
    },
    open,
  )

  Route.ws(
    '/typed',
    Candy => {
      Candy.ws.on('say', Say, ({text}) => ({heard: text}))
      Candy.ws.on('later', Say, async ({text}) => {
        await delay(5)
        return {heard: text}
      })
      Candy.ws.on('nothing', Say, () => undefined)
      Candy.ws.on('boom', Say, () => {
        throw new Error('the secret of boom')
      })
      Candy.ws.on('full', Say, () => {
        throw new CandyError('FULL', 'This room takes 8', {max: 8})
      })
    },
    open,
  )

  Route.ws('/all', Candy => Candy.ws.on('message', heard => Candy.ws.send({heard})), open)

  Route.ws(
    '/binary',
    Candy =>
      Candy.ws.on('message', bytes => Candy.ws.sendBinary(Buffer.from((bytes as Buffer).toReversed()))),
    open,
  )

  Route.ws(
    '/errors',
    Candy => {
      Candy.ws.on('boom', Say, async () => {
        await delay(1)
        throw new Error('the secret of boom')
      })
      Candy.ws.on('error', error => Candy.ws.send({type: 'failed', message: error.message}))
    },
    open,
  )

  Route.ws(
    '/leaving',
    Candy => {
      Candy.ws.join('hall')
      Candy.ws.send({type: 'here'})
      Candy.ws.on('message', () => Candy.ws.close(4100, 'as you wish'))
      Candy.ws.on('close', (code, reason) => {
        Candy.ws.broadcast({type: 'left', code, reason, rooms: [...Candy.ws.rooms]})
      })
    },
    open,
  )

  Route.ws(
    '/room/<id>',
    Candy => {
      const {id} = Candy.Request.data.url
      Candy.ws.join(id!)
      Candy.ws.on('say', Say, ({text}) => Candy.ws.to(id!).send({type: 'said', text}))
    },
    open,
  )

  Route.auth.ws(
    '/secure',
    async Candy => Candy.ws.send({user: await Candy.Auth.user(), known: Candy.ws.user}),
    open,
  )

  Route.use('vip')
    .use(
      ({ws}) => {
        ws.data.order = ['first']
      },
      ({ws, Request}) => {
        ws.data.order = [...(ws.data.order as string[]), 'second']
        return Request.header('x-odd') === 'yes' ? 'odd' : true
      },
    )
    .ws('/vip', Candy => Candy.ws.send({order: Candy.ws.data.order}), open)

  return app
}
