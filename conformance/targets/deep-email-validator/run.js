// run.js PREFIX HELO PATH   asks deep-email-validator about one address, as its README shows, and prints the verdict that
// what it said means, with that, as one line of JSON.
'use strict'
const [prefix, helo, email] = process.argv.slice(2)
const { validate } = require(`${prefix}/node_modules/deep-email-validator`)

// Reasons of its check "smtp", in its own words, that are not about the mailbox: nothing is known now, or the host
// did not like the command. All others are `valid: false` and no more: a refusal.
const notNow = /^(Timeout$|Error: |AggregateError|Mail server closed connection|SMTP communication unexpectedly closed|Unrecognized SMTP response)|\b(try again|busy|Some error occur|ran out of system storage)/
const ofTheCommand = /\b(syntax error|has not implemented|out of sequence|not been implemented)\b/

function verdictOf({ valid, reason, validators }) {
    if (valid) return 'pass'
    if (reason !== 'smtp') return 'fail' // "regex": it is no address; "mx": "MX record not found"
    const words = validators.smtp.reason
    return notNow.test(words) ? 'tempfail' : ofTheCommand.test(words) ? 'unverifiable' : 'fail'
}

const asServersDo = setInterval(() => {}, 1e9) // stay: without an answer there is no verdict
validate({ email, sender: `verify@${helo}`, validateTypo: false, validateDisposable: false }).then(result => {
    const { valid, reason, validators } = result
    console.log(JSON.stringify({ verdict: verdictOf(result), valid, reason, words: reason && validators[reason].reason }))
    clearInterval(asServersDo)
    setTimeout(() => process.exit(), 2000).unref() // for what it still says to the host
})
