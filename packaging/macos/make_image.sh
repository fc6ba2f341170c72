#!/bin/sh
# From the bundle to a signed, notarised disk image: make_image.sh "CoRT Desktop.app" OUT.dmg
# With SIGN_AS (a "Developer ID Application" identity) it is signed, with NOTARY_PROFILE (of `notarytool
# store-credentials`) notarised; without them it makes a plain image for trying out, and says so.
# NOT RUN YET: it needs macOS 13 or newer with Xcode's command line tools.
set -eu

[ $# -eq 2 ] || { echo "usage: $0 APP IMAGE" >&2; exit 2; }
app=$1 image=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

if [ -n "${SIGN_AS-}" ]; then
    # From the inside out: libraries first, then the program that loads them.
    find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -u+x \) -print0 |
        xargs -0 -n 50 codesign --force --timestamp --options runtime \
            --entitlements "$here/entitlements.plist" --sign "$SIGN_AS"
    codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" --sign "$SIGN_AS" "$app"
    codesign --verify --deep --strict "$app"
else
    # Nobody's signature: macOS on Apple silicon starts nothing whose seal is broken, and the build added files.
    codesign --force --deep --sign - "$app"
    echo "SIGN_AS isn't set: the image is not signed, and other computers will refuse it." >&2
fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
hdiutil create -volname "CoRT Desktop" -srcfolder "$stage" -fs HFS+ -format UDZO -ov "$image"

if [ -n "${SIGN_AS-}" ] && [ -n "${NOTARY_PROFILE-}" ]; then
    codesign --force --timestamp --sign "$SIGN_AS" "$image"
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
    spctl --assess --type open --context context:primary-signature "$image"
fi
