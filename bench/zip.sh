#!/bin/sh
# Downloads a case of 3 GB as one archive: time to the first byte, memory of the
# server, unzip -t, what a visitor who stalls or leaves costs. Needs 7 GB of disk.
set -eu
CLIPCASE_ARCHIVE_MB="${CLIPCASE_ARCHIVE_MB:-3000}" exec "${GO:-go}" test -count=1 -timeout 30m -run '^TestArchive$' -v ./cmd/clipcase
