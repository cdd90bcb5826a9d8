#!/bin/sh
# Validates every case against case.rng, and case.rng against case.rnc where trang is installed. It
# does not load the cases: names, times and words are the engine's business (cbv-engine check).
# Exit status: 0 valid, 1 not, 2 usage or a tool is missing.
set -eu
schema=$(cd "$(dirname "$0")" && pwd)
cases=${1:-$schema/../cases}

command -v xmllint >/dev/null || { echo "validate.sh: needs xmllint (libxml2-utils)" >&2; exit 2; }
[ -d "$cases" ] || { echo "validate.sh: $cases: expected a directory of cases" >&2; exit 2; }

if command -v trang >/dev/null; then
    fresh=$(mktemp -d)
    trap 'rm -rf "$fresh"' EXIT
    trang "$schema/case.rnc" "$fresh/case.rng"
    cmp -s "$fresh/case.rng" "$schema/case.rng" || {
        echo "validate.sh: case.rng is not what trang makes of case.rnc; run: trang case.rnc case.rng" >&2
        exit 1
    }
fi

list=$(find "$cases" -name '*.xml' | sort)
[ -n "$list" ] || { echo "validate.sh: no cases below $cases" >&2; exit 1; }
# xmllint says "validates" for each file; only what is wrong is of interest. No file name has a space.
out=$(printf '%s\n' "$list" | xargs xmllint --noout --nonet --relaxng "$schema/case.rng" 2>&1) || {
    printf '%s\n' "$out" | grep -v ' validates$' >&2
    exit 1
}
echo "$(printf '%s\n' "$list" | wc -l | tr -d ' ') cases are valid"
