import {createApp, type App, type AppOptions, type CandyRoot} from 'candy-ws'
import {Length} from 'class-validator'
import {onTestFinished} from 'vitest'
import {silent} from './workbench.js'

class Say {
  @Length(1, 1_000)
  text!: string
}

/** An app for tabs: a page with the client in it, a route that they share, a login, and what the server saw. */
export class SharedApp {
  /** How each connection that is over was closed, first to last. */
  readonly closed: string[] = []
  /** What was said on any connection, in the order in which it came. */
  readonly said: string[] = []

  private constructor(
    readonly app: App,
    readonly url: string,
    readonly port: number,
  ) {}

  static async serve(options: AppOptions = {}): Promise<SharedApp> {
    const app = await createApp({logger: silent, ...options})
    onTestFinished(() => app.close({drain: 500}))
    const listening = await app.listen({port: 0})
    const shared = new SharedApp(app, listening.url, listening.port)
    shared.#declare(app)
    return shared
  }

  /** How many connections are open. */
  get connections(): number {
    return this.app.Route.wsServer.clientCount
  }

  /** Closes every connection, as a restart does, and says when to come back. */
  restart(): void {
    for (const client of this.app.Route.wsServer.clients.values()) client.close(1012, 'retry=200')
  }

  /** To every connection. */
  broadcast(data: unknown): void {
    this.app.Route.wsServer.broadcast(data)
  }

  #declare({Route}: CandyRoot): void {
    Route.page('/', () => '<!doctype html><title>A tab</title><script src="/_candy/client.js"></script>')
    Route.page('/elsewhere', () => '<!doctype html><title>Elsewhere</title>')
    // A worker of the page's choice, in a browser without Web Locks.
    Route.page('/without-locks.js', ({Request}) =>
      script(`import '/no-locks.js'\nimport ${JSON.stringify(Request.data.get.worker)}`),
    )
    Route.page('/no-locks.js', () => script('delete WorkerNavigator.prototype.locks'))
    Route.post('/login', Candy => Candy.Auth.login({id: String(Candy.Request.data.post.name)}))
    Route.post('/logout', Candy => Candy.Auth.logout())
    Route.ws('/shared', Candy => {
      Candy.ws.on('say', Say, ({text}) => {
        this.said.push(text)
        return {said: text}
      })
      Candy.ws.on('close', (code, reason) => this.closed.push(`${code} ${reason}`.trim()))
    })
  }
}

function script(text: string): Response {
  return new Response(text, {headers: {'Content-Type': 'text/javascript'}})
}
