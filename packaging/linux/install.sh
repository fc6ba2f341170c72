#!/bin/sh
# Puts an unpacked CoRT Desktop into the menus of this person, or takes it out again (--remove).
# The folder stays where it is and can be moved: run this again then. Conversations and settings are never
# touched.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
data=${XDG_DATA_HOME:-"$HOME/.local/share"}
bin=$HOME/.local/bin

refresh() {
    if command -v update-desktop-database >/dev/null; then update-desktop-database -q "$data/applications" || :; fi
    if command -v update-mime-database >/dev/null; then update-mime-database "$data/mime" || :; fi
}

# Whether ~/.local/bin has this program, or a link to where it was before; others put theirs there, too (pip, pipx).
is_ours() {
    [ -L "$bin/cort-desktop" ] && { [ "$(readlink "$bin/cort-desktop")" = "$here/cort-desktop" ] || [ ! -e "$bin/cort-desktop" ]; }
}

case ${1-} in
--remove)
    if is_ours; then rm -f "$bin/cort-desktop"; fi
    (cd "$here/share" && find . -type f -exec rm -f "$data/{}" \;)
    refresh
    echo "CoRT Desktop is out of the menus. Conversations and settings are where they were; delete $here to be rid of the program."
    ;;
'')
    mkdir -p "$bin" "$data/applications"
    (cd "$here/share" && find . -type d -exec mkdir -p "$data/{}" \; && find . -type f -exec cp {} "$data/{}" \;)
    # In an entry for menus a path in quotes has these four escaped.
    path=$(printf '%s' "$here/cort-desktop" | sed 's/[\\"$`]/\\\\&/g; s/%/%%/g')
    awk -v line="Exec=\"$(printf '%s' "$path" | sed 's/\\/\\\\/g')\" gui %F" \
        '/^Exec=/ { print line; next } /^TryExec=/ { next } { print }' \
        "$here/share/applications/cort-desktop.desktop" >"$data/applications/cort-desktop.desktop"
    refresh
    if [ -e "$bin/cort-desktop" ] && [ ! -L "$bin/cort-desktop" ]; then
        echo "CoRT Desktop is in the menus. $bin/cort-desktop is another program's and stays; in a terminal this one is $here/cort-desktop."
    else
        ln -sf "$here/cort-desktop" "$bin/cort-desktop"
        echo "CoRT Desktop is in the menus, and in a terminal it is $bin/cort-desktop."
    fi
    ;;
*)
    echo "usage: $0 [--remove]" >&2
    exit 2
    ;;
esac
