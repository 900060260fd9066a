#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# Asks R again (make check-stats): whether it still says what tests/stats/expected.csv has.
set -uo pipefail
cd "$(dirname "$0")" || exit 1

if ! Rscript -e 'library(boot)' > /dev/null 2>&1; then
	echo "skip - R says what expected.csv has (needs r-base-core and r-cran-boot)"
elif difference=$(Rscript expected.R 2>&1 | diff expected.csv -); then
	echo "ok - R says what expected.csv has"
else
	echo "not ok - R says what expected.csv has"
	printf '%s\n' "$difference" | head -20 | sed 's/^/# /'
	exit 1
fi
