#!/usr/bin/env bash
# Make the environment in $1: pinned versions, uv for speed, pip where uv cannot be had.
set -euo pipefail
venv=$1
python=${PYTHON:-python3}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "setup: Python 3.11 or newer is needed, $python is $("$python" --version 2>&1 || true);" \
        "give another one: make setup PYTHON=python3.12" >&2
    exit 2
fi
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"

# uv does not read pip's folders of local wheels by itself.
export UV_FIND_LINKS="${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}"
wanted=(-c constraints.txt -e '.[report,text,graph,app,cluster,dev,docs]')
pip=("$venv/bin/python" -m pip --disable-pip-version-check)
if "${pip[@]}" install --quiet -c constraints.txt uv &&
    "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" "${wanted[@]}"; then
    echo "setup: environment in $venv, by uv"
else
    echo "setup: uv did not work here; using pip, which takes longer" >&2
    "${pip[@]}" install --quiet "${wanted[@]}"
    echo "setup: environment in $venv, by pip"
fi

# Gigabytes of CUDA are of no use where a CPU build of torch was there to be had.
cuda=$("${pip[@]}" list --format=freeze | grep -ciE '^(nvidia|triton|cuda)' || true)
if [ "$cuda" -gt 0 ]; then
    cpu_wheel=$(find ${PIP_FIND_LINKS:-} ${UV_FIND_LINKS:-} -maxdepth 1 -name 'torch-*+cpu-*.whl' \
        -print -quit 2>/dev/null || true)
    if [ -n "${PIP_FIND_LINKS:-}${UV_FIND_LINKS:-}" ] && [ -n "$cpu_wheel" ] ||
        [ "${UV_TORCH_BACKEND:-}" = cpu ]; then
        echo "setup: $cuda CUDA packages were installed although a CPU build of torch was at hand;" \
            "remove $venv and run make setup again" >&2
        exit 1
    fi
    echo "setup: torch came with $cuda CUDA packages; without a GPU," \
        "'make clean' and 'UV_TORCH_BACKEND=cpu make setup' saves gigabytes" >&2
fi
