#!/usr/bin/env Rscript
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# What R says of the statistics of tools/lib/stats.h and bootstrap.h: writes tests/stats/expected.csv
# to stdout, which tests/unit/test_stats.c holds against ours. Needs r-base-core and r-cran-boot.
#
# Where R has no exact answer (ties, zeros), every outcome is enumerated here, one by one.
# A line: kind, values, more values, parameters, what is expected ("-": R does not say).

suppressPackageStartupMessages(library(boot))
options(digits = 17)
set.seed(4, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

text <- function(x) paste(ifelse(is.na(x), "-", formatC(x, digits = 15, width = 1)), collapse = " ")
line <- function(kind, a, b, parameters, expected)
	writeLines(paste(kind, text(a), text(b), text(parameters), text(expected), sep = ","))

# --- rank tests -------------------------------------------------------------------------------

quiet <- function(...) suppressWarnings(wilcox.test(...))

# Interval of the sorted pairs, from how many on either side can be left out.
interval <- function(pairs, below, level, cdf) {
	cut <- 0
	while (below(cut) <= (1 - level) / 2 * (1 + 1e-9)) cut <- cut + 1
	reached <- if (cut) 1 - 2 * below(cut - 1) else 1
	n <- length(pairs)
	c(median(pairs), if (cut) pairs[c(cut, n + 1 - cut)] else c(-Inf, Inf), reached)
}
walsh <- function(x) {
	all <- outer(x, x, "+") / 2
	sort(all[!lower.tri(all)])
}
tails <- function(of, at) {
	less <- mean(of <= at + 1e-9)
	greater <- mean(of >= at - 1e-9)
	c(min(1, 2 * min(less, greater)), less, greater)
}
three <- function(...) c(quiet(...)$p.value, quiet(..., alternative = "less")$p.value,
			 quiet(..., alternative = "greater")$p.value)

# wilcox.test() as it is, interval included; where it cannot reach the level, none.
by_r <- function(kind, a, b, level) {
	test <- if (kind == "signed_rank") list(a, exact = TRUE) else list(b, a, exact = TRUE)
	full <- do.call(quiet, c(test, conf.int = TRUE, conf.level = level))
	ends <- full$conf.int
	achievable <- if (kind == "signed_rank") 2 / 2^length(a) <= 1 - level else
		2 / choose(length(a) + length(b), length(a)) <= 1 - level
	if (!achievable) ends <- c(-Inf, Inf)
	line(kind, a, b, level, c(full$estimate, ends, NA, do.call(three, test)))
}
signed_rank_enumerated <- function(x, level) {
	y <- x[x != 0]
	ranks <- rank(abs(y))
	sums <- if (length(y)) as.matrix(expand.grid(rep(list(0:1), length(y)))) %*% ranks else 0
	below <- function(cut) psignrank(cut, length(x))
	line("signed_rank", x, NULL, level, c(interval(walsh(x), below, level),
					       tails(sums, sum(ranks[y > 0]))))
}
rank_sum_enumerated <- function(a, b, level) {
	ranks <- rank(c(a, b))
	sums <- combn(length(ranks), length(b), function(i) sum(ranks[i]))
	below <- function(cut) pwilcox(cut, length(a), length(b))
	line("rank_sum", a, b, level, c(interval(sort(outer(b, a, "-")), below, level),
					tails(sums, sum(ranks[-seq_along(a)]))))
}
# More than is done exactly: R's normal approximation; its interval is another one (by uniroot).
by_normal <- function(kind, a, b, level) {
	test <- if (kind == "signed_rank") list(a, exact = FALSE) else list(b, a, exact = FALSE)
	pairs <- if (kind == "signed_rank") walsh(a) else outer(b, a, "-")
	line(kind, a, b, level, c(median(pairs), NA, NA, NA, do.call(three, test)))
}

for (n in c(1:8, 10, 12, 20, 35, 49)) {
	x <- round(rnorm(n, 0.3), 6)
	by_r("signed_rank", x, NULL, 0.95)
	by_r("signed_rank", x, NULL, 0.9)
}
for (n in c(1, 2, 4, 5, 6, 7, 10, 15, 25)) {
	a <- round(rnorm(n), 6)
	b <- round(rnorm(n + n %% 3, 0.5, 2), 6)
	by_r("rank_sum", a, b, 0.95)
	by_r("rank_sum", a, b, 0.9)
}
signed_rank_enumerated(c(0, 0, 0), 0.95)
signed_rank_enumerated(rep(0, 10), 0.95)
signed_rank_enumerated(rep(2.5, 10), 0.95)
signed_rank_enumerated(c(1, -1, 0, 0, 2), 0.95)
for (n in c(3, 6, 7, 8, 10, 12, 14)) {
	signed_rank_enumerated(round(rnorm(n, 0.5, 2)), 0.95)
	signed_rank_enumerated(round(rnorm(n, 0.5), 1), 0.9)
}
rank_sum_enumerated(rep(3, 5), rep(3, 5), 0.95)
rank_sum_enumerated(rep(3, 6), rep(4, 6), 0.95)
for (n in c(2, 3, 5, 6, 8)) {
	rank_sum_enumerated(round(rnorm(n, 0, 2)), round(rnorm(n, 1, 2)), 0.95)
	rank_sum_enumerated(round(rnorm(n, 0, 2)), round(rnorm(n + 2, 1, 2)), 0.9)
}
by_normal("signed_rank", round(rnorm(150, 0.1), 6), NULL, 0.95)
by_normal("signed_rank", round(rnorm(130, 0.2), 1), NULL, 0.95)
by_normal("rank_sum", round(rnorm(40), 6), round(rnorm(50, 0.5), 6), 0.95)
by_normal("rank_sum", round(rnorm(80), 1), round(rnorm(30, 0.3), 1), 0.95)

# --- the rest of stats.h ----------------------------------------------------------------------

for (n in c(1:12, 20)) line("signed_rank_min_p", NULL, NULL, n, min(1, 2 * psignrank(0, n)))
for (n in 1:12) line("rank_sum_min_p", NULL, NULL, c(n, n + n %% 2),
		     min(1, 2 * pwilcox(0, n, n + n %% 2)))
for (p in list(0.04, c(0.01, 0.04, 0.03), c(0.001, 0.001, 0.5, 1, 0.02), round(runif(20), 6))) {
	line("holm", p, NULL, NULL, p.adjust(p, "holm"))
	line("benjamini_hochberg", p, NULL, NULL, p.adjust(p, "BH"))
}
for (n in c(1, 2, 5, 10)) {
	x <- sort(round(rnorm(n), 6))
	for (q in c(0, 0.1, 0.5, 0.99, 1)) line("quantile", x, NULL, q, quantile(x, q, type = 7))
}
for (z in c(-8, -3, -1.96, -0.5, 0, 1, 2.5, 6)) line("normal_cdf", NULL, NULL, z, pnorm(z))
for (p in c(0, 1e-300, 1e-12, 1e-4, 0.025, 0.07, 0.3, 0.5, 0.6, 0.93, 0.99999, 1))
	line("normal_quantile", NULL, NULL, p, qnorm(p))
for (df in c(1, 2, 3, 4, 9, 10, 50)) for (p in c(0.005, 0.025, 0.5, 0.9))
	line("t_quantile", NULL, NULL, c(p, df), qt(p, df))

# --- bootstrap --------------------------------------------------------------------------------

# vgic_wire.h's buckets: 16 an octave.
bucket <- function(ns) {
	shift <- pmax(floor(log2(ns)) - 4, 0)
	ifelse(ns < 16, ns, (shift + 1) * 16 + ns %/% 2^shift - 16)
}
low <- function(b) ifelse(b < 16, b, (16 + b %% 16) * 2^(b %/% 16 - 1))

counts <- function(ns) tabulate(bucket(ns) + 1, 512)
quantile_of <- function(histogram, q) {
	upto <- cumsum(histogram)
	rank <- ceiling(q * upto[512] - 1e-9)
	at <- which(upto >= rank)[1]
	below <- upto[at] - histogram[at]
	low(at - 1) + (low(at) - low(at - 1)) * (rank - below - 0.5) / histogram[at]
}
runs <- function(n, of, scale) sapply(1:n, function(i)
	counts(round(scale * rlnorm(1, 0, 0.03) * rlnorm(of, 7, 0.6))))
sparse <- function(histograms) paste(apply(histograms, 2, function(h) paste(which(h > 0) - 1,
	h[h > 0], sep = ":", collapse = " ")), collapse = " / ")

# The ends before they are widened: boot's BCa, with acceleration by the jackknife. A side is a
# stratum where runs are not paired.
bootstrap <- function(base, new, q, paired, level) {
	nb <- ncol(base)
	ratio <- function(both, i) {
		of_base <- if (paired) i else i[i <= nb]
		of_new <- if (paired) i else i[i > nb] - nb
		log(quantile_of(rowSums(new[, of_new]), q) / quantile_of(rowSums(base[, of_base]), q))
	}
	index <- if (paired) 1:nb else 1:(nb + ncol(new))
	strata <- if (paired) rep(1, nb) else rep(1:2, c(nb, ncol(new)))
	draws <- boot(index, ratio, R = 20000, strata = strata)
	influence <- empinf(data = index, statistic = ratio, stype = "i", strata = strata,
			    type = "jack")
	ends <- boot.ci(draws, conf = level, type = "bca", L = influence)$bca[4:5]
	writeLines(paste("bootstrap", sparse(base), sparse(new), text(c(q, level, paired)),
			 text(exp(c(draws$t0, ends))), sep = ","))
}
bootstrap(runs(12, 300, 1), runs(12, 300, 1.05), 0.9, TRUE, 0.95)
bootstrap(runs(10, 300, 1), runs(14, 400, 1.2), 0.95, FALSE, 0.9)
