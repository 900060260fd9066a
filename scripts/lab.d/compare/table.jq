# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# The table of 'scripts/lab compare' for one number of vCPUs. Input, raw lines: RUN SIDE VCPUS ACCESS
# NS, with no tracer there; $verdicts: what vgic-cmp --json says on the recordings.
#
# Base and new are means of all runs, less those of an HVC exit in the same run: the way into the
# hypervisor and out again is not what is compared. The interval of the difference is Student's, of
# the pairs, at 95 %.

# Student's t, two-sided 95 %, by degrees of freedom; beyond, 2.
def t95: [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
	2.145, 2.131, 2.120, 2.110, 2.101, 2.093][. - 1] // 2;

def mean: add / length;
def interval:
	mean as $m | length as $n
	| if $n < 2 then null else
		((map((. - $m) * (. - $m)) | add) / ($n - 1) | sqrt) / ($n | sqrt) * (($n - 1) | t95)
	  end;
def round1: . * 10 | round / 10 | if . == 0 then 0 else . end | tostring; # no -0
def signed: if . > 0 then "+" + round1 else round1 end;

# "GICD_ISENABLER1:w" as vgic-cmp names it.
def range: split(":")[0] | sub("@.*"; "") | sub("(?<=[A-Z])[0-9]+$"; "");
def op: if split(":")[1] == "w" then "write" else "read" end;

def verdict($access):
	[$verdicts[] | select(.type == "verdict" and .metric == "mean" and .stage == "bus"
		and .range == ($access | range) and .op == ($access | op))][0]
	| if . == null then "| - | - |" else
		"| \(.base | round1) → \(.new | round1), ratio \(.ratio * 1000 | round / 1000)" +
		(if .ratio_low == null or .ratio_high == null then "" else
			" (\(.ratio_low * 1000 | round / 1000)..\(.ratio_high * 1000 | round / 1000))" end) +
		" | \(.verdict) |"
	  end;

[inputs | split(" ") | {run: .[0], side: .[1], vcpus: .[2], access: .[3], ns: (.[4] | tonumber)}
	| select(.vcpus == $vcpus)]
| (map(select(.access == "hvc") | {key: "\(.run) \(.side)", value: .ns}) | from_entries) as $hvc
| map(select(.access != "hvc") | .ns -= $hvc["\(.run) \(.side)"]) as $rows
| "",
  "**\($vcpus) vCPU\(if $vcpus == "1" then "" else "s" end)**; an HVC exit: base " +
	"\([$hvc | to_entries[] | select(.key | endswith(" base")).value] | mean | round1), new " +
	"\([$hvc | to_entries[] | select(.key | endswith(" new")).value] | mean | round1) instructions.",
  "",
  "| access | base | new | difference | bus stage by vgic-lat | verdict of vgic-cmp |",
  "|---|---|---|---|---|---|",
  (reduce $rows[].access as $a ([]; if index($a) then . else . + [$a] end))[] as $access
| ($rows | map(select(.access == $access))) as $of
| [$of[] | select(.side == "base")] as $base
| [$of[] | select(.side == "new")] as $new
| [range(0; $base | length) | $new[.].ns - $base[.].ns] as $diff
| "| \($access) | \($base | map(.ns) | mean | round1) | \($new | map(.ns) | mean | round1) | " +
	"\($diff | mean | signed)\($diff | interval | if . == null then "" else " ±" + round1 end) " +
	verdict($access)
