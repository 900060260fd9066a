// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "stats.h"

/* How many autocorrelation times a batch has, so that the next one hardly knows of it. */
#define BATCH_TIMES 8
#define FEW_BATCH_TIMES 5

struct ranked_p {
	double p;
	size_t at;
};

static int by_p(const void *a, const void *b)
{
	const struct ranked_p *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

/* The p in ascending order, with where they came from. NULL: no memory. */
static struct ranked_p *rank_p(const double *p, size_t n)
{
	struct ranked_p *ranked = calloc(n + 1, sizeof(*ranked));

	if (!ranked)
		return NULL;
	for (size_t i = 0; i < n; i++)
		ranked[i] = (struct ranked_p){ p[i], i };
	qsort(ranked, n, sizeof(*ranked), by_p);
	return ranked;
}

int stats__holm(double *p, size_t n)
{
	struct ranked_p *ranked = rank_p(p, n);
	double highest = 0;

	if (!ranked)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		highest = fmax(highest, fmin(1, ranked[i].p * (n - i)));
		p[ranked[i].at] = highest;
	}
	free(ranked);
	return 0;
}

int stats__benjamini_hochberg(double *p, size_t n)
{
	struct ranked_p *ranked = rank_p(p, n);
	double lowest = 1;

	if (!ranked)
		return -ENOMEM;
	for (size_t i = n; i-- > 0;) {
		lowest = fmin(lowest, ranked[i].p * n / (i + 1));
		p[ranked[i].at] = lowest;
	}
	free(ranked);
	return 0;
}

/* Fills the state from one number as the authors of xoshiro advise: by splitmix64. */
void stats__seed(struct stats_rng *rng, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t z = seed += 0x9e3779b97f4a7c15ULL;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
		z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
		rng->s[i] = z ^ z >> 31;
	}
}

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

/* Blackman and Vigna 2018, xoshiro256**. */
uint64_t stats__random(struct stats_rng *rng)
{
	uint64_t *s = rng->s, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

/* Lemire 2019: a multiplication, and a second draw only where it would be unfair. */
uint64_t stats__below(struct stats_rng *rng, uint64_t n)
{
	unsigned __int128 product = (unsigned __int128)stats__random(rng) * n;

	if ((uint64_t)product < n)
		for (uint64_t unfair = -n % n; (uint64_t)product < unfair;)
			product = (unsigned __int128)stats__random(rng) * n;
	return product >> 64;
}

double stats__uniform(struct stats_rng *rng)
{
	return (stats__random(rng) >> 11) * 0x1p-53;
}

double stats__normal(struct stats_rng *rng)
{
	return stats__normal_quantile(stats__uniform(rng) + 0x1p-54);
}

double stats__normal_cdf(double z)
{
	return 0.5 * erfc(-z * M_SQRT1_2);
}

static double ratio_of_polynomials(const double *top, const double *bottom, double x)
{
	double t = 0, b = 0;

	for (int i = 7; i >= 0; i--) {
		t = t * x + top[i];
		b = b * x + bottom[i];
	}
	return t / b;
}

double stats__normal_quantile(double p)
{
	static const double mid_top[] = { 3.3871328727963666080e0,  1.3314166789178437745e+2,
					  1.9715909503065514427e+3, 1.3731693765509461125e+4,
					  4.5921953931549871457e+4, 6.7265770927008700853e+4,
					  3.3430575583588128105e+4, 2.5090809287301226727e+3 };
	static const double mid_bottom[] = { 1,
					     4.2313330701600911252e+1,
					     6.8718700749205790830e+2,
					     5.3941960214247511077e+3,
					     2.1213794301586595867e+4,
					     3.9307895800092710610e+4,
					     2.8729085735721942674e+4,
					     5.2264952788528545610e+3 };
	static const double near_top[] = { 1.42343711074968357734e0,  4.63033784615654529590e0,
					   5.76949722146069140550e0,  3.64784832476320460504e0,
					   1.27045825245236838258e0,  2.41780725177450611770e-1,
					   2.27238449892691845833e-2, 7.74545014278341407640e-4 };
	static const double near_bottom[] = { 1,
					      2.05319162663775882187e0,
					      1.67638483018380384940e0,
					      6.89767334985100004550e-1,
					      1.48103976427480074590e-1,
					      1.51986665636164571966e-2,
					      5.47593808499534494600e-4,
					      1.05075007164441684324e-9 };
	static const double far_top[] = { 6.65790464350110377720e0,  5.46378491116411436990e0,
					  1.78482653991729133580e0,  2.96560571828504891230e-1,
					  2.65321895265761230930e-2, 1.24266094738807843860e-3,
					  2.71155556874348757815e-5, 2.01033439929228813265e-7 };
	static const double far_bottom[] = { 1,
					     5.99832206555887937690e-1,
					     1.36929880922735805310e-1,
					     1.48753612908506148525e-2,
					     7.86869131145613259100e-4,
					     1.84631831751005468180e-5,
					     1.42151175831644588870e-7,
					     2.04426310338993978564e-15 };
	double q = p - 0.5, r, z;

	if (fabs(q) <= 0.425)
		return q * ratio_of_polynomials(mid_top, mid_bottom, 0.180625 - q * q);
	r = q < 0 ? p : 1 - p;
	if (r <= 0)
		return q < 0 ? -INFINITY : INFINITY;
	r = sqrt(-log(r));
	z = r <= 5 ? ratio_of_polynomials(near_top, near_bottom, r - 1.6)
		   : ratio_of_polynomials(far_top, far_bottom, r - 5);
	return q < 0 ? -z : z;
}

/* P(T <= @t): Abramowitz and Stegun 26.7.3 and 26.7.4, a finite sum. */
static double t_cdf(double t, unsigned int df)
{
	double angle = atan(t / sqrt(df)), cosine = cos(angle), sine = sin(angle);
	double term = df % 2 ? cosine : 1, sum = 0, within;

	for (unsigned int i = df % 2 ? 3 : 2; i <= df; i += 2) {
		sum += term;
		term *= (i - 1.0) / i * cosine * cosine;
	}
	within = df % 2 ? M_2_PI * (angle + sine * sum) : sine * sum;
	return (1 + within) / 2;
}

double stats__t_quantile(double p, unsigned int df)
{
	double low = -1, high = 1;

	while (t_cdf(low, df) > p && low > -1e9)
		low *= 2;
	while (t_cdf(high, df) < p && high < 1e9)
		high *= 2;
	for (int i = 0; i < 100; i++) {
		double middle = (low + high) / 2;

		if (t_cdf(middle, df) < p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

double stats__quantile(const double *sorted, size_t n, double q)
{
	double at, part;
	size_t below;

	if (!n)
		return 0;
	at = (n - 1) * fmin(fmax(q, 0), 1);
	below = at;
	part = at - below;
	return below + 1 < n ? sorted[below] + part * (sorted[below + 1] - sorted[below])
			     : sorted[n - 1];
}

static double mean_of(const double *series, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += series[i];
	return sum / n;
}

static double autocovariance(const double *series, size_t n, double mean, size_t lag)
{
	double sum = 0;

	for (size_t i = 0; i + lag < n; i++)
		sum += (series[i] - mean) * (series[i + lag] - mean);
	return sum / n;
}

/*
 * How many values of the series count for one of independent ones, at least 1: twice the sum of the
 * autocorrelations, by Geyer's initial monotone sequence (1992, Statistical Science 7:473).
 */
static double autocorrelation_time(const double *series, size_t n)
{
	double mean = mean_of(series, n), variance = autocovariance(series, n, mean, 0);
	double time = -1, last = INFINITY;

	/* All the same, but for rounding. */
	if (sqrt(variance) <= fabs(mean) * 1e-12)
		return 1;
	for (size_t lag = 0; lag + 1 < n / 2; lag += 2) {
		double pair = autocovariance(series, n, mean, lag) +
			      autocovariance(series, n, mean, lag + 1);

		last = fmin(last, pair / variance);
		if (last <= 0)
			break;
		time += 2 * last;
	}
	return fmax(1, time);
}

size_t stats__batch_length(const double *series, size_t n)
{
	const bool is_short = n < STATS_BATCHES * BATCH_TIMES;
	const double times = is_short ? FEW_BATCH_TIMES : BATCH_TIMES;
	size_t length = n / (is_short ? STATS_FEW_BATCHES : STATS_BATCHES);

	for (size_t i = 0; i < n; i++)
		if (!isfinite(series[i]))
			return 0;
	if (length < BATCH_TIMES)
		return 0;
	return length >= times * autocorrelation_time(series, n) ? length : 0;
}
