# shellcheck shell=sh
# What Scripts/plan and Scripts/test share: finding and installing what a build needs. Read with `.`, after
# `root` has been set to the package's folder. Everything here talks on standard error and reads nothing from
# standard input, which belongs to the program.

: "${root:?is the folder of the package}"

say() {
    printf '%s\n' "${0##*/}: $*" >&2
}

fail() {
    say "$@"
    exit 1
}

# Whether the build leaves GLPK out.
without_glpk() {
    [ "${PLAN_WITHOUT_GLPK:-0}" != 0 ]
}

require_swift() {
    command -v swift >/dev/null 2>&1 ||
        fail "swift is not installed; install Swift 6.2 or later from https://www.swift.org/install, then run this again"
}

# Whether as_root can do its work; says why if not.
can_be_root() {
    [ "$(id -u)" = 0 ] && return
    if ! command -v sudo >/dev/null 2>&1; then
        say "cannot install packages: this is not root, and there is no sudo"
        return 1
    elif ! sudo -n true >/dev/null 2>&1 </dev/null; then
        say "cannot install packages: sudo would ask for a password"
        return 1
    fi
}

# Runs a command as root.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

# Prints the name of the package manager, nothing if none of the known ones is there.
package_manager() {
    if [ "$(uname -s)" = Darwin ]; then
        managers=brew
    else
        managers="apt-get dnf pacman"
    fi
    for manager in $managers; do
        if command -v "$manager" >/dev/null 2>&1; then
            echo "$manager"
            return
        fi
    done
}

# install_packages NAMES-FOR-APT NAMES-FOR-DNF NAMES-FOR-PACMAN NAMES-FOR-BREW
# The names are split at spaces on purpose.
# shellcheck disable=SC2086
install_packages() {
    manager=$(package_manager)
    [ "$manager" = brew ] || [ -z "$manager" ] || can_be_root || return 1
    case $manager in
    apt-get)
        # An update that fails for one source of several may still have found the package.
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update || true
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y $1
        ;;
    dnf) as_root dnf install -y $2 ;;
    pacman) as_root pacman -S --needed --noconfirm $3 ;;
    brew) NONINTERACTIVE=1 brew install $4 ;;
    *)
        say "none of apt-get, dnf, pacman and (on macOS) brew is here"
        return 1
        ;;
    esac </dev/null >&2
}

# Prints what to type to install packages by hand; takes the same names as install_packages.
install_command() {
    case $(package_manager) in
    apt-get) echo "sudo apt-get install $1" ;;
    dnf) echo "sudo dnf install $2" ;;
    pacman) echo "sudo pacman -S $3" ;;
    brew) echo "brew install $4" ;;
    *) echo "your system's package manager (Debian's names: $1)" ;;
    esac
}

# Finds glpk.h where the compiler looks for it, or under Homebrew's and MacPorts' prefixes, which the compiler is
# then told about.
find_glpk() {
    saved_ifs=$IFS
    IFS=:
    for folder in /usr/include /usr/local/include ${CPATH:-} ${C_INCLUDE_PATH:-}; do
        if [ -f "$folder/glpk.h" ]; then
            IFS=$saved_ifs
            return 0
        fi
    done
    IFS=$saved_ifs
    [ "$(uname -s)" = Darwin ] || return 1
    for prefix in "$(brew --prefix 2>/dev/null </dev/null)" /opt/homebrew /opt/local; do
        if [ -n "$prefix" ] && [ -f "$prefix/include/glpk.h" ]; then
            export CPATH="$prefix/include${CPATH:+:$CPATH}"
            export LIBRARY_PATH="$prefix/lib${LIBRARY_PATH:+:$LIBRARY_PATH}"
            return 0
        fi
    done
    return 1
}

require_glpk() {
    if without_glpk || find_glpk; then
        return
    fi
    set -- libglpk-dev glpk-devel glpk glpk
    say "libglpk is missing, installing it"
    if install_packages "$@" && find_glpk; then
        return
    fi
    fail "libglpk could not be installed; install it with: $(install_command "$@")," \
        "then run this again, or set PLAN_WITHOUT_GLPK=1 to build without it"
}

# The folder the build goes to. A build without GLPK has its own, or the two would undo each other's work.
scratch_folder() {
    if without_glpk; then
        echo "$root/.build-no-glpk"
    else
        echo "$root/.build"
    fi
}

# run_swift SUBCOMMAND ARGUMENTS: runs it on this package with the chosen traits.
run_swift() {
    subcommand=$1
    shift
    if without_glpk; then
        set -- --disable-default-traits --scratch-path "$(scratch_folder)" "$@"
    fi
    (cd "$root" && swift "$subcommand" "$@")
}

# is_fresh STAMP PATHS: whether no file or folder is newer than the stamp and the dependencies are the same. A folder
# is newer when a file in it was added, removed or renamed.
is_fresh() {
    stamp=$1
    shift
    [ -f "$stamp" ] && cmp -s "$root/Package.resolved" "$stamp.resolved" || return 1
    changes=$(cd "$root" && find "$@" Package.swift Scripts -newer "$stamp" -print 2>&1) && [ -z "$changes" ]
}

# build_with_stamp STAMP ARGUMENTS: builds, and leaves a stamp if that succeeds. The stamp is as old as the beginning
# of the build, so that a file saved meanwhile is newer.
build_with_stamp() {
    stamp=$1
    shift
    mkdir -p "$(dirname -- "$stamp")"
    : >"$stamp.$$"
    trap 'rm -f "$stamp.$$"' EXIT
    run_swift build "$@" </dev/null >&2 || fail "the build failed"
    cp "$root/Package.resolved" "$stamp.resolved"
    mv -f "$stamp.$$" "$stamp"
    trap - EXIT
}
