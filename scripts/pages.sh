#!/bin/sh
# Builds the scripts that pages load (web/scripts → web/page/dist) when they are
# older than their sources. Without Node.js the pages work too: uploads are plain
# forms then, and say so.
set -eu

cd "$(dirname "$0")/../web/scripts"
command -v npm >/dev/null 2>&1 || {
	echo "clipcase: no Node.js here: pages upload by a plain form, without resuming" >&2
	exit 0
}
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --loglevel=error >&2
made=../page/dist/upload.js
if [ ! -e "$made" ] || [ -n "$(find src build.js package-lock.json -newer "$made" -print)" ]; then
	npm run --silent build
fi
