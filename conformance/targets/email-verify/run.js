// run.js PREFIX HELO TIMEOUT PATH   asks email-verify about one address, as its README shows, and prints the verdict
// that its documentation gives to what it said, with that, as one line of JSON. TIMEOUT in seconds.
'use strict'
const [prefix, fqdn, timeout, path] = process.argv.slice(2)
const verifier = require(`${prefix}/node_modules/email-verify`)
const codes = verifier.verifyCodes // the README calls them infoCodes; index.js exports them by this name

function verdictOf(info) {
    if (info.success) return 'pass'
    // "try-again" in the README's list of changes: the greeting was 421, 450 or 451.
    if (info.tryagain) return 'tempfail'
    // Of the documented codes these two speak of the connection; all others of the address or its domain.
    if (info.code === codes.SMTPConnectionTimeout || info.code === codes.SMTPConnectionError) return 'tempfail'
    return 'fail' // "If any stage fails, the callback object will have success: false."
}

const asServersDo = setInterval(() => {}, 1e9) // stay: without a call back there is no verdict
const options = { sender: `verify@${fqdn}`, fqdn, timeout: Number(timeout) * 1000 }
verifier.verify(path, options, (error, info) => {
    const { success, code, info: words, tryagain } = info
    console.log(JSON.stringify({ verdict: verdictOf(info), success, code, info: words, tryagain, error: error?.code }))
    clearInterval(asServersDo)
    setTimeout(() => process.exit(), 2000).unref() // for what it still says to the host
})
