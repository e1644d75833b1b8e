# shellcheck shell=sh
# Finds or makes a Python that has jsonschema, for the tests. Read after install.sh.

: "${root:?is the folder of the package}"

# Sets PLAN_PYTHON to the interpreter, unless the caller has. What was found is kept in a file, its second line
# being the library's own file: starting Python to ask again would take longer than everything else.
require_python() {
    [ -z "${PLAN_PYTHON:-}" ] || return 0
    environment=$root/.build/python
    found=$root/.build/python.found
    PLAN_PYTHON=
    library=
    if [ -f "$found" ]; then
        { read -r PLAN_PYTHON && read -r library; } <"$found" || true
    fi
    if ! { [ -x "$PLAN_PYTHON" ] && [ -f "$library" ]; }; then
        mkdir -p "$root/.build"
        has_jsonschema python3 || has_jsonschema "$environment/bin/python" || make_environment
        { read -r PLAN_PYTHON && read -r library; } <"$found"
    fi
    export PLAN_PYTHON
}

# Whether an interpreter has jsonschema; if so, notes where both are.
has_jsonschema() {
    "$1" -c 'import sys, jsonschema; print(sys.executable); print(jsonschema.__file__)' \
        >"$found.$$" 2>/dev/null </dev/null && mv -f "$found.$$" "$found" && return 0
    rm -f "$found.$$"
    return 1
}

make_environment() {
    set -- "python3 python3-venv" "python3 python3-pip" python python3
    if ! python3 -c 'import venv, ensurepip' >/dev/null 2>&1 </dev/null; then
        say "python3 or its venv module is missing, installing it"
        install_packages "$@" ||
            fail "python3 could not be installed; install it with: $(install_command "$@"), then run this again"
    fi
    say "making a Python environment with jsonschema in .build/python"
    rm -rf "$environment"
    if python3 -m venv "$environment" </dev/null >&2 &&
        "$environment/bin/python" -m pip install --quiet --disable-pip-version-check jsonschema </dev/null >&2 &&
        has_jsonschema "$environment/bin/python"; then
        return
    fi
    fail "jsonschema could not be installed; install it for python3 by hand (pip install jsonschema)," \
        "or set PLAN_PYTHON to an interpreter that has it, then run this again"
}
