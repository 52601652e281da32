// Reads a JSON array of texts, writes {peer: [[type, start, end], …] by text}. Both peers run as their documentation starts them.
import { OpenRedaction } from 'openredaction'
import { Redactor } from '@redactpii/node'

const texts = JSON.parse(await new Response(process.stdin).text())
const openredaction = new OpenRedaction({})
const rules = { EMAIL: 'EMAIL_ADDRESS', PHONE: 'PHONE_NUMBER', CREDIT_CARD: 'CREDIT_CARD_NUMBER', SSN: 'US_SOCIAL_SECURITY_NUMBER', NAME: 'PERSON_NAME' }
const redactors = Object.keys(rules).map(rule => [rule, new Redactor({ rules: Object.fromEntries(Object.keys(rules).map(r => [r, r === rule])) })])

// This peer only rewrites. One rule at a time: what it left in place locates what it took.
function spans(rule, before, after) {
  const found = []
  let at = 0
  const kept = after.split(/[A-Z]+(?:_[A-Z]+)+/)
  for (let i = 0; i < kept.length - 1; i++) {
    const start = at + kept[i].length
    const next = kept[i + 1]
    const end = next === '' ? (i + 2 === kept.length ? before.length : start) : before.indexOf(next, start + 1)
    if (end < 0) break
    found.push([rule, start, end])
    at = end
  }
  return found
}

const result = { openredaction: [], redactpii: [] }
for (const text of texts) {
  const { detections } = await openredaction.detect(text)
  result.openredaction.push(detections.map(d => [d.type, d.position[0], d.position[1]]))
  result.redactpii.push(redactors.flatMap(([rule, redactor]) => {
    const after = redactor.redact(text)
    return after === text ? [] : spans(rule, text, after)
  }))
}
process.stdout.write(JSON.stringify(result))
