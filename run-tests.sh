#!/usr/bin/env bash
# Makes a virtual environment, then runs every check and test, exactly as CI does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'TEXT'
Usage: ./run-tests.sh [STAGE ...] [OPTION ...] [PYTEST ARGUMENT ...]

Stages (those of the first group, in this order, if none is named):
  checks        ruff (format and lint), pydoclint, mypy, pyright, words of the prose, `python codecs --check`
  unit          tests that need no member
  python        the same, and a sample of the integration tests, without the compiled path
  fuzz          five minutes of fuzzing what reads the bytes of members, shared by two processes
  integration   tests on real members
  integrations  hzclient.contrib with the real frameworks, their own test suites included
  interop       values exchanged with Java, Node and Go clients, as far as the machine has the toolchains
  faults        faults of members and of the network in all faces, on real members
  dropin        programs written for the official client, run on it and on hzclient
  docs          builds the site (docs/_build/html), and runs every code block of the documents
  package       builds sdist and wheel, checks them, and runs the quick start from the wheel

  sanitizers    the compiled path built with ASan and UBSan in a scratch folder, and its unit tests
  instructions  counts the instructions of a call and compares them with the baseline of this machine's compilers
  versions      unit tests and a sample of the integration tests on every Python 3.11 to 3.14 of this machine
  coverage      unit and integration tests, measuring the branches that they cover

Options:
  --server VERSION   Hazelcast version of the members that tests start
  --loop LOOP        event loop of the tests: asyncio, uvloop
  --eager            tests' loops start tasks eagerly (Python 3.12 and newer)
  --debug            asyncio's debug mode
  --blocking         raise an error in calls that block an event loop
  --rerun            run a failed test once more, and list those that passed then; CI does this
  --all              stage faults: each fault of members on each kind of cluster
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
        checks | unit | python | fuzz | faults | integration | integrations | interop | dropin | docs | package | sanitizers | instructions | versions | coverage) stages+=("$1") ;;
        --server)
            [[ $# -ge 2 ]] || { echo "run-tests.sh: --server needs a version" >&2; exit 2; }
            export PYHZ_SERVER_VERSION=$2
            shift
            ;;
        --server=*) export PYHZ_SERVER_VERSION=${1#*=} ;;
        --loop)
            [[ ${2:-} == asyncio || ${2:-} == uvloop ]] || { echo "run-tests.sh: --loop needs asyncio or uvloop" >&2; exit 2; }
            export PYHZ_EVENT_LOOP=$2
            pytest_args+=(--event-loop "$2")
            shift
            ;;
        --eager) pytest_args+=(--eager-tasks) ;;
        --debug) export PYTHONASYNCIODEBUG=1 ;;
        --rerun) pytest_args+=(--reruns 1 -r aR) ;;
        --all) pytest_args+=(--all-faults) ;;
        --blocking) pytest_args+=(--detect-blocking) ;;
        -h | --help) usage; exit 0 ;;
        *) pytest_args+=("$1") ;;
    esac
    shift
done
((${#stages[@]})) || stages=(checks unit python fuzz integration integrations interop faults dropin docs package)

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
    wanted="$(cat pyproject.toml setup.py hzclient/_hot.pyx | cksum) $PWD"
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
    stage "cython -Wextra" "$venv/bin/cython" -Wextra -Werror -o "$scratch/_hot.c" hzclient/_hot.pyx
    stage "plain English" "$venv/bin/python" -m tests.tools.prose_words --check
    stage "generated code is up to date" "$venv/bin/python" codecs --check
}

run_sanitizers() { # the extension stops the interpreter at the first bad access, overflow or shift
    local folder=$scratch/sanitized python libraries flags="-fsanitize=address,undefined -fno-sanitize-recover=all"
    python=$("$venv/bin/python" -c "import sys; print(sys.executable)")
    libraries="$("${CC:-cc}" -print-file-name=libasan.so):$("${CC:-cc}" -print-file-name=libubsan.so)"
    mkdir "$folder"
    cp -r hzclient tests benchmarks pyproject.toml setup.py "$folder"
    rm -f "$folder"/hzclient/_hot.c "$folder"/hzclient/_hot.*.so
    (
        cd "$folder" &&
            CFLAGS="$flags -g -O1" LDFLAGS="$flags" HZCLIENT_SPEED=require \
                "$python" setup.py -q build_ext --inplace &&
            LD_PRELOAD=$libraries ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc HZCLIENT_SPEED=require \
                "$python" -m pytest -q -p no:cacheprovider --timeout 1800 tests/unit/test_compiled*.py
    )
}

run_pytest() { # run_pytest ARGUMENT...
    "$venv/bin/python" -m pytest "$@" ${pytest_args[@]+"${pytest_args[@]}"}
}

unit_tests=(tests)
for folder in integration hosts integrations interop faults dropin docs; do
    unit_tests+=("--ignore=tests/$folder")
done

run_blocks() { # each runs once, even with --rerun: the blocks of a page build on each other
    "$venv/bin/python" -m pytest -p no:hzclient.testing -p tests.docs.blocks docs README.md CONTRIBUTING.md \
        ${pytest_args[@]+"${pytest_args[@]}"} --reruns 0
}

run_package() { # what users install: the wheel, in an empty environment, far from the sources
    local scratch wheel status=0 path=python
    scratch=$(mktemp -d)
    ! command -v "${CC:-cc}" >/dev/null || path=compiled
    rm -rf dist
    {
        "$venv/bin/python" -m build --outdir dist . >"$scratch/build.log" 2>&1 || { cat "$scratch/build.log"; false; } &&
            "$venv/bin/twine" check --strict dist/* &&
            wheel=$(echo dist/*.whl) &&
            "$venv/bin/python" -m venv "$scratch/venv" &&
            "$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel[server,speed]" &&
            cp examples/quickstart.py "$scratch" &&
            (cd "$scratch" && env -u PYTHONPATH venv/bin/python -W error quickstart.py --start-member) &&
            (cd "$scratch" && check_path "$path") &&
            without_a_compiler "$scratch"
    } || status=$?
    rm -rf "$scratch"
    return "$status"
}

check_path() { # check_path PATH: what the installed package says that it runs
    env -u PYTHONPATH HZCLIENT_SPEED=auto venv/bin/python -c \
        "import hzclient, sys; info = hzclient.build_info(); print(info); sys.exit(info['path'] != '$1')"
}

without_a_compiler() { # without_a_compiler FOLDER: the source distribution, where no compiler works
    rm -rf "$1/venv"
    "$venv/bin/python" -m venv "$1/venv" &&
        CC=false "$1/venv/bin/python" -m pip install --quiet --disable-pip-version-check dist/*.tar.gz &&
        (cd "$1" && check_path python)
}

VERSIONS=(3.11 3.12 3.13 3.14)
# One file of each kind: a structure in all faces, listeners, near cache, SQL, transactions, serialization.
SAMPLE=(
    tests/integration/test_map_basics.py
    tests/integration/test_queue.py
    tests/integration/test_topic.py
    tests/integration/test_near_cache.py
    tests/integration/test_transactions.py
    tests/integration/sql/test_sql.py
)

find_version() { # find_version 3.12: the path of such an interpreter, on PATH or of pyenv
    local candidate
    for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        if "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    return 1
}

run_versions() {
    local version python environment missing=()
    for version in "${VERSIONS[@]}"; do
        python=$(find_version "$version") || { missing+=("$version"); continue; }
        environment=.venv-$version
        [[ -x $environment/bin/python ]] || "$python" -m venv "$environment"
        stage "Python $version: install" \
            "$environment/bin/python" -m pip install --quiet --disable-pip-version-check -e '.[dev,server,speed,stats]'
        stage "Python $version: unit tests" "$environment/bin/python" -m pytest -q "${unit_tests[@]}" \
            --ignore=tests/typing ${pytest_args[@]+"${pytest_args[@]}"}
        stage "Python $version: sample of the integration tests" \
            "$environment/bin/python" -m pytest -q "${SAMPLE[@]}" ${pytest_args[@]+"${pytest_args[@]}"}
    done
    if ((${#missing[@]})); then
        printf '\n=== not on this machine, so not tested: Python %s\n' "${missing[*]}"
    fi
}

run_coverage() { # of the Python path: the compiled one is not measured; an interrupted run is reported too
    local status=0
    HZCLIENT_SPEED=off "$venv/bin/python" -m coverage run --branch --source=hzclient -m pytest \
        tests --ignore=tests/{hosts,integrations,interop,faults,dropin,docs} --timeout 300 \
        ${pytest_args[@]+"${pytest_args[@]}"} || status=$?
    "$venv/bin/python" -m coverage html --quiet --directory build/coverage
    "$venv/bin/python" -m coverage report --skip-covered
    return "$status"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
started=$SECONDS
stage "set up $venv" set_up
for name in "${stages[@]}"; do
    case $name in
        checks) run_checks ;;
        unit) stage "unit tests" run_pytest "${unit_tests[@]}" ;;
        python) HZCLIENT_SPEED=off stage "tests without the compiled path" run_pytest "${unit_tests[@]}" "${SAMPLE[@]}" ;;
        # The seed makes runs comparable; `python -m tests.fuzz` draws one.
        fuzz) stage "fuzz" "$venv/bin/python" -m tests.fuzz --minutes 5 --jobs 2 --engine mutation --seed 1 ;;
        integration) stage "integration tests" run_pytest tests/integration tests/hosts ;;
        integrations) stage "integrations" run_pytest tests/integrations ;;
        interop) stage "exchanges with other languages" run_pytest tests/interop ;;
        faults) stage "faults" run_pytest tests/faults ;;
        dropin) stage "drop-in programs" run_pytest tests/dropin ;;
        docs)
            stage "documentation site" run_pytest tests/docs
            stage "code blocks" run_blocks
            ;;
        package) stage "package" run_package ;;
        sanitizers) stage "sanitizers" run_sanitizers ;;
        instructions) stage "instructions of a call" "$venv/bin/python" -m benchmarks.instructions --check ;;
        versions) run_versions ;;
        coverage) stage "coverage" run_coverage ;;
    esac
done
printf '\n=== %s: all passed, %d s\n' "${stages[*]}" $((SECONDS - started))
