// Written by `candy types`; the next run writes it anew.

export interface Contract {
  '/echo': {
    params: {}
    takes: {
      echo: {body: Echo; reply: Echo}
    }
    sends: {[type: string]: unknown}
  }
  '/functional/echo': {
    params: {}
    takes: {
      [type: string]: {body: unknown; reply: unknown}
    }
    sends: {[type: string]: unknown}
  }
  '/game': {
    params: {}
    takes: {
      [type: string]: {body: unknown; reply: unknown}
    }
    sends: {[type: string]: unknown}
  }
  '/notifications': {
    params: {}
    takes: {
      [type: string]: {body: unknown; reply: unknown}
    }
    sends: {[type: string]: unknown}
  }
  '/room/{id}': {
    params: {id: string}
    takes: {
      say: {body: Say; reply: Said}
      typing: {body: undefined; reply: unknown}
    }
    sends: {
      welcome: Welcome
      said: Said
      joined: Somebody
      left: Somebody
      typing: Somebody
    }
  }
}

export interface Echo {
  text: string
}

export interface Say {
  /** pattern \S, maxLength 500 */
  text: string
}

export interface Said {
  type: 'said'
  from: Person
  text: string
  /** integer */
  at: number
}

export interface Person {
  id: string
  name: string
}

export interface Welcome {
  people: Person[]
  history: Said[]
}

export interface Somebody {
  person: Person
}
