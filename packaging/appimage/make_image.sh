#!/bin/sh
# An AppImage of the root folder that the .deb is made of: make_image.sh ROOT OUT.AppImage
# ROOT is dist/work/deb/cort-desktop after `dev.py build deb`. APPIMAGE_RUNTIME names the runtime that is put in
# front of the file system (type 2, of the AppImage project).
# `dev.py build appimage` calls it. NOT RUN YET with that runtime: no package registry has it, it comes with a release
# of the AppImage project.
set -eu

[ $# -eq 2 ] || { echo "usage: APPIMAGE_RUNTIME=FILE $0 ROOT IMAGE" >&2; exit 2; }
root=$1 image=$2
[ -f "${APPIMAGE_RUNTIME-}" ] || { echo "APPIMAGE_RUNTIME must name the runtime's file." >&2; exit 3; }
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -a "$root/usr" "$stage/usr"
cp "$here/AppRun" "$stage/AppRun"
cp "$root/usr/share/applications/cort-desktop.desktop" "$stage/"
cp "$root/usr/share/icons/hicolor/256x256/apps/cort-desktop.png" "$stage/cort-desktop.png"
ln -s cort-desktop.png "$stage/.DirIcon"
# It takes all times from there.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH-0}
export SOURCE_DATE_EPOCH
mksquashfs "$stage" "$stage.squashfs" -root-owned -noappend -comp zstd
cat "$APPIMAGE_RUNTIME" "$stage.squashfs" >"$image"
rm -f "$stage.squashfs"
chmod +x "$image"
