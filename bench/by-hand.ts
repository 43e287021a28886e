import {Line, Order} from './order.js'

// What a person would write who knows what is fast: the same rules, the same instances, unknown keys refused.
// Lengths are counted as JavaScript does; Candy, as class-validator, counts a surrogate pair once.

function keyCount(value: object): number {
  let count = 0
  for (const _ in value) count += 1
  return count
}

function line(value: unknown): Line | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || keyCount(value) !== 2)
    return undefined
  const {sku, quantity} = value as Record<string, unknown>
  if (typeof sku !== 'string' || sku.length < 1 || sku.length > 32) return undefined
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1 || quantity > 999)
    return undefined
  const made = new Line()
  made.sku = sku
  made.quantity = quantity
  return made
}

export function order(value: unknown): Order | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || keyCount(value) !== 5)
    return undefined
  const {id, priority, customer, note, lines} = value as Record<string, unknown>
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 1) return undefined
  if (typeof priority !== 'number' || !Number.isInteger(priority) || priority < 0 || priority > 9)
    return undefined
  if (typeof customer !== 'string' || customer.length < 1 || customer.length > 64) return undefined
  if (typeof note !== 'string' || note.length > 200) return undefined
  if (!Array.isArray(lines) || lines.length < 1 || lines.length > 10) return undefined
  const items: Line[] = []
  for (const one of lines) {
    const item = line(one)
    if (item === undefined) return undefined
    items.push(item)
  }
  const made = new Order()
  made.id = id
  made.priority = priority
  made.customer = customer
  made.note = note
  made.lines = items
  return made
}
