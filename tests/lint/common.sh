# SPDX-License-Identifier: Apache-2.0
# What the rules share; sourced by each. A rule is called as `rules/NAME ROOT`, looks at the tree under
# ROOT, prints `file:line: why` for each thing it finds, and fails when there is one. One place may
# break a rule where a comment on the line, or on the line before it, says `rule N: why`.
set -eu

[ $# = 1 ] || {
    echo "usage: $0 ROOT" >&2
    exit 2
}
lint_folder=$(cd "$(dirname "$0")/.." && pwd)
cd "$1"

# files PATTERN...: our own files whose names match, one a line, without ./ before them.
files() {
    set -f
    names=
    for pattern in "$@"; do names="$names -o -name $pattern"; done
    # shellcheck disable=SC2086 # a list of find's words
    find . \( -path ./build -o -path ./.deps -o -path ./.git -o -path ./tests/lint/samples \) -prune \
        -o -type f \( ${names# -o} \) -print >"$scratch/files"
    set +f
    sed 's,^\./,,' "$scratch/files" | sort
}

# c_code FILE...: prints `file:line:` and the line without its comments and the insides of its strings;
# lines where the rule is broken with a reason, and those after such a comment, are left out.
c_code() {
    awk '
        FNR == 1 { comment = 0; excused = 0 }
        {
            raw = $0; out = ""
            while (raw != "") {
                if (comment) {
                    end = index(raw, "*/")
                    if (!end) { raw = ""; break }
                    raw = substr(raw, end + 2); comment = 0
                } else if (match(raw, /^[^"\047\/]+/)) {
                    out = out substr(raw, 1, RLENGTH); raw = substr(raw, RLENGTH + 1)
                } else if (match(raw, /^"(\\.|[^"\\])*"/)) { out = out "\"\""; raw = substr(raw, RLENGTH + 1)
                } else if (match(raw, /^\047(\\.|[^\047\\])*\047/)) { out = out "0"; raw = substr(raw, RLENGTH + 1)
                } else if (substr(raw, 1, 2) == "/*") { comment = 1; raw = substr(raw, 3)
                } else if (substr(raw, 1, 2) == "//") { break
                } else { out = out substr(raw, 1, 1); raw = substr(raw, 2) }
            }
            here = $0 ~ /\/\* rule [0-9]+: ./
            if (!here && !excused) print FILENAME ":" FNR ":" out
            # The comment may run over some lines; it excuses the first line of code after it.
            if (here && out ~ /^[ \t]*$/) excused = 1
            else if (out !~ /^[ \t]*$/) excused = 0
        }' "$@" </dev/null
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' INT TERM

# A rule ends with this: prints what it found, and fails when that is something.
conclude() {
    [ -n "$1" ] || return 0
    printf '%s\n' "$1"
    exit 1
}
