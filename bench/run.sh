#!/bin/sh
# Makes the reference recording if it is not there and measures the reference job.
set -eu
mkdir -p demo
[ -s demo/recording.mp4 ] || "${GO:-go}" run ./internal/testclips/makeclip -o demo/recording.mp4
exec "${GO:-go}" run ./bench
