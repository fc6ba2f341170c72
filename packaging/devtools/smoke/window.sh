#!/bin/sh
# Opens the window on a screen of its own, asks a question by keyboard, waits for the answer in the library, takes
# a picture, and closes the window. Arguments: the program, where the picture goes, the question, and a program
# that is started a second time meanwhile: it hands over to this window and ends well.
set -eu
program=$1 picture=$2 question=$3 second=$4

# The ids of all conversations, one a line.
kept() { "$program" conversations list --json | grep -o '"id":"[^"]*"' | cut -d'"' -f4 | sort; }
# Whether the conversation that wasn't there before has its answer.
answered() {
    for id in $(kept); do
        case " $before " in *" $id "*) continue ;; esac
        "$program" conversations show "$id" --json | grep -q '"status":"complete"' && return 0
    done
    return 1
}
before=$(kept | tr '\n' ' ')
Xvfb :7 -screen 0 1280x800x24 -nolisten tcp >/dev/null 2>&1 &
screen=$!
export DISPLAY=:7
unset WAYLAND_DISPLAY || :
window_process=
# The window first: a program whose screen is gone has the last word, and what went wrong before isn't read.
finish() {
    if [ -n "$window_process" ] && kill "$window_process" 2>/dev/null; then wait "$window_process" 2>/dev/null || :; fi
    # Its number is taken until it has ended; the next screen has the same.
    if kill "$screen" 2>/dev/null; then wait "$screen" 2>/dev/null || :; fi
}
trap finish EXIT
tries=0
until xdotool getdisplaygeometry >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "the screen doesn't come up" >&2; exit 1; }
    sleep 0.1
done
jwm >/dev/null 2>&1 &
"$program" gui &
window_process=$!

tries=0
until window=$(xdotool search --onlyvisible --name 'CoRT Desktop' 2>/dev/null | head -n 1) && [ -n "$window" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { echo "no window after a minute" >&2; exit 1; }
    kill -0 "$window_process" || { echo "the program ended before there was a window" >&2; exit 1; }
    sleep 0.1
done
sleep 3
xdotool windowactivate --sync "$window" || xdotool windowfocus "$window"
xdotool key --clearmodifiers ctrl+n
sleep 1
xdotool type --delay 40 "$question"
sleep 1
xdotool key Return

shown=$(xdotool search --onlyvisible --name 'CoRT Desktop' | wc -l)
"$second" gui || { echo "the second start ended with $?" >&2; exit 1; }
[ "$(xdotool search --onlyvisible --name 'CoRT Desktop' | wc -l)" -eq "$shown" ] ||
    { echo "the second start has a window of its own" >&2; exit 1; }

tries=0
until answered; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || { xwd -root -out "$picture"; echo "there is no answer" >&2; exit 1; }
    sleep 1
done
# The closing event is stored a moment before it is painted.
sleep 3
xwd -root -out "$picture"
xdotool key --clearmodifiers ctrl+q
tries=0
while kill -0 "$window_process" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { echo "it doesn't close" >&2; kill "$window_process"; exit 1; }
    sleep 0.1
done
wait "$window_process"
