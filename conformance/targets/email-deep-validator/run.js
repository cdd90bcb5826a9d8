// run.js PREFIX TIMEOUT PATH   asks email-deep-validator about one address, as its README shows, and prints the verdict
// that its documentation gives to what it said, with that, as one line of JSON. TIMEOUT in seconds.
'use strict'
const [prefix, timeout, path] = process.argv.slice(2)
const EmailValidator = require(`${prefix}/node_modules/email-deep-validator`)

function verdictOf({ wellFormed, validDomain, validMailbox }) {
    // "the domain validation will fail, and the mailbox validation will return null because it could not be performed"
    if (!wellFormed || !validDomain) return 'fail'
    // "true for valid SMTP responses", "false for SMTP errors specific to the address's formatting or mailbox
    // existance", "null for Yahoo addresses, for failed connections, for unknown SMTP errors"
    return validMailbox === null ? 'tempfail' : validMailbox ? 'pass' : 'fail'
}

const asServersDo = setInterval(() => {}, 1e9) // stay: without an answer there is no verdict
// "Set a timeout in seconds": it counts milliseconds, as the default in the same sentence does, 10000.
new EmailValidator({ timeout: Number(timeout) * 1000 }).verify(path).then(result => {
    console.log(JSON.stringify({ verdict: verdictOf(result), ...result }))
    clearInterval(asServersDo)
    setTimeout(() => process.exit(), 2000).unref() // for what it still says to the host
})
