#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# install.sh build|demo|check|test|fuzz|fresh: makes sure that what a make target needs is on the machine.
# On Debian 12 and later, missing packages are installed with apt-get, after saying which and why;
# NO_INSTALL=1, and any other system, only names them and stops. The tests' Java and Python
# dependencies go to .deps/, as pinned by kafka/pom.xml and python/*.lock. Silent when nothing is
# missing. Which registries are asked is the machine's own configuration of apt, pip and Maven.
set -eu

mode=${1:?"usage: install.sh build|demo|check|test|fuzz|fresh"}
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
deps=$PWD/.deps
# Debian's own Python, whose venv module is one of the packages, before any other of the user's.
python=${PYTHON:-/usr/bin/python3}
[ -x "$python" ] || python=python3
PATH=$deps/bin:$PATH

case $mode in
build) lists="build" ;;
demo) lists="build demo" ;;
check) lists="build demo check" ;;
test) lists="build demo check test" ;;
fuzz) lists="build demo check fuzz" ;;
fresh) lists="fresh" ;;
*)
    echo "install.sh: no such mode: $mode" >&2
    exit 2
    ;;
esac

# is_there PROBE: whether what the second column of a list asks for is on the machine.
is_there() {
    case $1 in
    program:* | unpack:*) command -v "${1#*:}" >/dev/null ;;
    module:*) pkg-config --exists "${1#*:}" 2>/dev/null ;;
    header:*) echo "#include <${1#*:}>" | ${CC:-gcc} -E - >/dev/null 2>&1 ;;
    fuzzer:*) echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | "${1#*:}" -fsanitize=fuzzer -xc - -o /dev/null 2>/dev/null ;;
    python:*) "$python" -c "import ${1#*:}" >/dev/null 2>&1 ;;
    *)
        echo "install.sh: no such probe: $1" >&2
        exit 2
        ;;
    esac
}

# Says what is to be installed, one "package  reason" a line.
name_packages() {
    for list in $lists; do
        while read -r package probe reason; do
            case " $missing " in *" $package "*) printf '  %-24s %s\n' "$package" "${reason#\# }" ;; esac
        done <"$here/packages.$list"
    done
}

stop() {
    echo "$1" >&2
    exit 1
}

is_debian_12() {
    [ -r /etc/os-release ] && command -v apt-get >/dev/null || return 1
    id=$(. /etc/os-release && echo "${ID-}")
    version=$(. /etc/os-release && echo "${VERSION_ID:-99}")
    [ "$id" = debian ] && [ "${version%%.*}" -ge 12 ]
}

install_packages() {
    what="\`make $mode\` needs packages of the system that are not there; by their Debian names:
$(name_packages)"
    [ -z "${NO_INSTALL-}" ] || stop "$what
NO_INSTALL is set, so nothing is installed. Install them, then try again."
    is_debian_12 || stop "$what
They are installed automatically on Debian 12 and later only. Install them, then try again."
    sudo=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || stop "$what
This needs root and there is no sudo. Install them as root, then try again."
        sudo=sudo
    fi
    echo "$what
They are installed now with ${sudo:+sudo }apt-get (NO_INSTALL=1 would only name them)."
    case " $missing " in *" redis-server "*)
        echo "Debian also starts redis-server as a service; Ebb does not use that one, so it may be disabled."
        ;;
    esac
    $sudo apt-get -q update || echo "apt-get update failed; going on with the lists that are there."
    if [ -n "$by_apt" ]; then
        # shellcheck disable=SC2086 # a list of names
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends $by_apt
    fi
    for package in $to_unpack; do unpack "$package"; done
}

# unpack PACKAGE:PROGRAM: takes one program out of a package whose installation would start a service.
unpack() {
    package=${1%%:*} program=${1#*:}
    folder=$deps/unpacked/$package
    rm -rf "$folder"
    mkdir -p "$folder" "$deps/bin"
    # apt fetches as a user of its own, who may not be let into the project's folder.
    fetched=$(mktemp -d)
    chmod 755 "$fetched"
    [ "$(id -u)" != 0 ] || chown _apt "$fetched" 2>/dev/null || true
    (cd "$fetched" && apt-get -q download "$package")
    dpkg-deb -x "$fetched"/*.deb "$folder"
    rm -rf "$fetched"
    ln -sf "../unpacked/$package/usr/bin/$program" "$deps/bin/$program"
}

# is_made FOLDER FILE: the folder under .deps was made whole from this very file.
stamp_of() { echo "$deps/$1/made-from-$(sha256sum "$2" | cut -c1-16)"; }
is_made() { [ -e "$(stamp_of "$1" "$2")" ]; }

# begin FOLDER FILE WHAT: says what is fetched and why, and empties its folder.
begin() {
    [ -z "${NO_INSTALL-}" ] || stop "\`make $mode\` needs $3 (${2#"$PWD/"}) in .deps/$1.
NO_INSTALL is set, so it is not fetched."
    echo "\`make $mode\` needs $3 (${2#"$PWD/"}); fetched now into .deps/$1."
    rm -rf "${deps:?}/$1"
    mkdir -p "$deps/$1"
}

make_kafka() {
    is_made kafka "$here/kafka/pom.xml" && return
    begin kafka "$here/kafka/pom.xml" "a real Kafka broker"
    version=$(java -XshowSettings:properties -version 2>&1 | awk '$1 == "java.specification.version" { print $3 }')
    [ "${version%%.*}" -ge 17 ] || stop "The Kafka broker needs Java 17 or later; \`java\` is $version."
    mvn -B -q -Dstyle.color=never -f "$here/kafka/pom.xml" dependency:copy-dependencies \
        "-DoutputDirectory=$deps/kafka/lib" -DincludeScope=runtime
    touch "$(stamp_of kafka "$here/kafka/pom.xml")"
}

# make_python FOLDER LOCK WHAT
make_python() {
    is_made "$1" "$here/python/$2" && return
    begin "$1" "$here/python/$2" "$3"
    "$python" -m venv "$deps/$1"
    # The lock names everything, so nothing is resolved here; check proves that it is whole.
    "$deps/$1/bin/python" -m pip --disable-pip-version-check install -q --no-deps -r "$here/python/$2"
    "$deps/$1/bin/python" -m pip --disable-pip-version-check -q check
    touch "$(stamp_of "$1" "$here/python/$2")"
}

missing= by_apt= to_unpack=
for list in $lists; do
    while read -r package probe reason; do
        case $package in '' | \#*) continue ;; esac
        is_there "$probe" && continue
        missing="$missing $package"
        case $probe in
        unpack:*) to_unpack="$to_unpack $package:${probe#*:}" ;;
        *) by_apt="$by_apt $package" ;;
        esac
    done <"$here/packages.$list"
done
if [ -n "$missing" ]; then install_packages; fi
if [ "$mode" = test ]; then
    make_kafka
    make_python python requirements.lock "the libraries of the integration tests"
    make_python ministack ministack.lock "a second stand-in for AWS"
fi
