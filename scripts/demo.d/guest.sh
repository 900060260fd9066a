#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# In the lab: a Linux guest boots, works and powers off (scripts/demo).

title() { printf '\n# %s\n' "$*"; }

mkfifo keys
title "vgic-lat --profile counts --exits -- linux-guest --name web1 --hold"
vgic-lat --profile counts --exits -- linux-guest --name web1 --hold < keys > lat.out 2> lat.err &
lat=$!
exec 3> keys
until grep -q '^linux-guest: ' lat.err; do
	if ! kill -0 $lat 2> /dev/null; then
		cat lat.out lat.err
		exit 1
	fi
	sleep 1
done
grep '^linux-guest: ' lat.err

title "vgic-info --devices                   (while that guest runs)"
vgic-info --devices

echo >&3
exec 3>&-
wait $lat
status=$?
title "... and vgic-lat's report, now that it has powered off"
cat lat.out
exit $status
