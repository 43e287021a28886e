import type {PageData} from '../describe/description.js'
import {make, prose, verbatim} from './element.js'

const controller = [
  "import {Body, OnMessage, Token, WsRoute} from 'candy-ws'",
  "import {Length} from 'class-validator'",
  '',
  'class Say {',
  '  @Length(1, 500)',
  '  text!: string',
  '}',
  '',
  "@WsRoute('/hello')",
  '@Token(false)',
  'export class HelloController {',
  "  @OnMessage('say')",
  '  say(@Body() {text}: Say) {',
  '    return {heard: text}',
  '  }',
  '}',
].join('\n')

/** What an app without a route shows: how to begin. */
export function startPage(): HTMLElement {
  return make(
    'article',
    {class: 'route start'},
    make('h1', {tabindex: -1}, 'This app has no route yet'),
    make(
      'p',
      {class: 'lead'},
      ...prose('Save this as `controllers/hello.ts`: under `candy dev` it shows here at once.'),
    ),
    verbatim('A first controller', controller),
    make(
      'p',
      {class: 'soft'},
      ...prose(
        'Functions do as well: files in `route/` say `Candy.Route.ws(path, handler)`. `candy check` says what is wrong with what it finds.',
      ),
    ),
  )
}

/** What an app that could not be loaded shows, below the fault. */
export function nothingServed(): HTMLElement {
  return make(
    'article',
    {class: 'route start'},
    make('h1', {tabindex: -1}, 'Nothing is served yet'),
    make('p', {class: 'lead'}, 'The next save that mends it will show here.'),
  )
}

/** What stands above the list where there is no room for a route beside it. */
export function introduction({title, version}: PageData): HTMLElement {
  return make(
    'article',
    {class: 'introduction'},
    make('h1', {tabindex: -1}, title, ' ', make('span', {class: 'soft'}, version)),
    make('p', {class: 'soft'}, 'Choose a route to try it.'),
  )
}

/** What stands where a route was that is no more. */
export function goneRoute(name: string): HTMLElement {
  return make(
    'article',
    {class: 'route start'},
    make('h1', {tabindex: -1}, 'There is no such route'),
    make(
      'p',
      {class: 'lead'},
      ...prose(`The address of this page asks for \`${name}\`. Choose one from the list.`),
    ),
  )
}
