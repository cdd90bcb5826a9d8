// run.js PREFIX PATH   asks email-existence about one address, as its README shows, and prints the verdict that
// its documentation gives to what it said, with that, as one line of JSON.
'use strict'
const [prefix, path] = process.argv.slice(2)
const emailExistence = require(`${prefix}/node_modules/email-existence`)

// The README has one answer, "a boolean in response callback function to indicate existence", and it comes beside an
// error, too. The source has a third parameter "to tell the callback we're not sure".
function verdictOf(response, undetermined) {
    if (response) return 'pass'
    return undetermined ? 'tempfail' : 'fail'
}

const asServersDo = setInterval(() => {}, 1e9) // stay: without a call back there is no verdict
emailExistence.check(path, (error, response, undetermined) => {
    console.log(JSON.stringify({ verdict: verdictOf(response, undetermined), response, undetermined, error: error?.code }))
    clearInterval(asServersDo)
    setTimeout(() => process.exit(), 2000).unref() // for what it still says to the host
})
