/** Markup that html`` made. Whatever else is put into a page is text, and escaped. */
class Html {
  constructor(text) {
    this.text = text
  }
}

const entities = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'}

function markup(value) {
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map(markup).join('')
  return String(value ?? '').replace(/[&<>"']/g, character => entities[character])
}

/** html`<p>${name}</p>` shows the name as it was typed, whatever it holds. */
const html = (strings, ...values) => new Html(String.raw({raw: strings}, ...values.map(markup)))

/** A page of the app, as an answer. */
function page(title, main, status = 200) {
  const {text} = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Candy</title>
        <link rel="icon" href="/icon.svg" />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <header class="bar">
          <h1 class="brand"><img src="/icon.svg" alt="" width="24" height="24" />Candy</h1>
        </header>
        <main class="sheet">${main}</main>
      </body>
    </html>`
  return new Response(text, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    },
  })
}

/** See other: a reload of what comes then sends no form again. */
const redirect = location => new Response(null, {status: 303, headers: {location}})

module.exports = {html, page, redirect}
