#!/usr/bin/env bash
# Makes a virtual environment, then runs every check and test, exactly as CI does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'TEXT'
Usage: ./run-tests.sh [STAGE ...] [--server VERSION] [PYTEST ARGUMENT ...]

Stages (all of them, in this order, if none is named):
  checks        ruff (format and lint), pydoclint, mypy, pyright, `python codecs --check`
  unit          tests that need no member
  integration   tests on real members
  interop       values exchanged with Java, Node and Go clients, as far as the machine has the toolchains
  dropin        programs written for the official client, run on it and on hzclient
  docs          builds the site (docs/_build/html), and runs every code block of the documents

  --server VERSION   Hazelcast version of the members that tests start
  -h, --help         this text

Everything else goes to pytest: ./run-tests.sh unit -k frames -x

Environment:
  HZ_VENV   virtual environment to make and use (default: .venv)
  PYTHON    interpreter that makes it (default: the first Python >= 3.11 found)
TEXT
}

stages=()
pytest_args=()
while (($#)); do
    case $1 in
        checks | unit | integration | interop | dropin | docs) stages+=("$1") ;;
        --server)
            [[ $# -ge 2 ]] || { echo "run-tests.sh: --server needs a version" >&2; exit 2; }
            export PYHZ_SERVER_VERSION=$2
            shift
            ;;
        --server=*) export PYHZ_SERVER_VERSION=${1#*=} ;;
        -h | --help) usage; exit 0 ;;
        *) pytest_args+=("$1") ;;
    esac
    shift
done
((${#stages[@]})) || stages=(checks unit integration interop dropin docs)

stage() { # stage TITLE COMMAND...: runs it, says how long it took, and ends the run if it failed
    local title=$1 start=$SECONDS status=0
    shift
    printf '\n=== %s\n' "$title"
    "$@" || status=$?
    if ((status)); then
        printf -- '=== %s FAILED (exit %d) after %d s\n' "$title" "$status" $((SECONDS - start)) >&2
        exit "$status"
    fi
    printf -- '--- %s: ok, %d s\n' "$title" $((SECONDS - start))
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "run-tests.sh: Python 3.11 or newer is needed (set PYTHON to its path)" >&2
    return 1
}

venv=${HZ_VENV:-.venv}

set_up() {
    local stamp="$venv/.hzclient-installed" wanted python
    if [[ ! -x $venv/bin/python ]]; then
        python=$(find_python) && "$python" -m venv "$venv" || return
    fi
    wanted="$(cksum <pyproject.toml) $PWD"
    if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
        echo "$venv is up to date"
        return
    fi
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -e '.[dev,docs,server,speed,stats]' || return
    echo "$wanted" >"$stamp"
}

run_checks() {
    stage "ruff format" "$venv/bin/ruff" format --check .
    stage "ruff check" "$venv/bin/ruff" check .
    stage "pydoclint" "$venv/bin/pydoclint" --quiet hzclient codecs benchmarks examples
    stage "mypy" "$venv/bin/mypy"
    stage "pyright" "$venv/bin/pyright" --pythonpath "$venv/bin/python"
    stage "generated code is up to date" "$venv/bin/python" codecs --check
}

run_pytest() { # run_pytest ARGUMENT...
    "$venv/bin/python" -m pytest "$@" ${pytest_args[@]+"${pytest_args[@]}"}
}

started=$SECONDS
stage "set up $venv" set_up
for name in "${stages[@]}"; do
    case $name in
        checks) run_checks ;;
        unit) stage "unit tests" run_pytest tests --ignore=tests/integration --ignore=tests/interop --ignore=tests/dropin --ignore=tests/docs ;;
        integration) stage "integration tests" run_pytest tests/integration ;;
        interop) stage "exchanges with other languages" run_pytest tests/interop ;;
        dropin) stage "drop-in programs" run_pytest tests/dropin ;;
        docs) stage "documentation" run_pytest -p tests.docs.blocks tests/docs docs README.md CONTRIBUTING.md ;;
    esac
done
printf '\n=== %s: all passed, %d s\n' "${stages[*]}" $((SECONDS - started))
