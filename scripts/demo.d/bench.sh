#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# In the lab: each tool once, on guests whose accesses are known (scripts/demo).

title() { printf '\n# %s\n' "$*"; }

list=GICD_CTLR:r,GICD_ISENABLER1:w,GICD_IPRIORITYR8:r,GICR_TYPER:r,ioeventfd:w,unmapped:r

title "vgic-lat -- vgic-bench --vcpus 4 --iterations 250 --ioeventfds 3 --access $list"
vgic-lat -- vgic-bench --vcpus 4 --iterations 250 --ioeventfds 3 --access $list

title "vgic-trace -- vgic-bench --vcpus 2 --iterations 1 --access GICD_CTLR:w,GICD_TYPER:r,GICD_IROUTER40:w,$list"
vgic-trace -- vgic-bench --vcpus 2 --iterations 1 --access "GICD_CTLR:w,GICD_TYPER:r,GICD_IROUTER40:w,$list"

vgic-bench --vms 2 --vcpus 2 --duration 600 --rate 2000 --access $list > /dev/null 2>&1 &
bench=$!
title "vgic-top -b --view ranges 1 1         (of two VMs; without -b it has a screen of its own)"
vgic-top -b --view ranges 1 1
kill $bench
wait $bench
