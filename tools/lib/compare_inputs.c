// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "compare_inputs.h"

/* A recording, and what it is cut into: itself, or its slices. */
struct input {
	const char *path;
	struct recording *recording;
	struct sample **samples;
	size_t nr_samples;
	struct recording_likeness likeness;
	uint64_t seen, lost;
	uint64_t digest;
};

struct compare_inputs_own {
	struct input *inputs; /* base, then new */
	size_t nr;
	struct compare_run *runs;
	FILE *warnings;
	size_t warnings_sz;
};

static int fail(char *line, size_t size, int err, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static int fail(char *line, size_t size, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(line, size, format, args);
	va_end(args);
	return err;
}

static bool is_same_file(const char *path, const char *other)
{
	struct stat a, b;

	return !stat(path, &a) && !stat(other, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int input__add(struct input *in, struct sample *sample)
{
	struct sample **grown = reallocarray(in->samples, in->nr_samples + 1, sizeof(*in->samples));

	if (!grown) {
		sample__free(sample);
		return -ENOMEM;
	}
	in->samples = grown;
	grown[in->nr_samples++] = sample;
	return 0;
}

/* Takes the slice; one in which nothing was attached says nothing. */
static int input__add_slice(struct input *in, struct sample *slice)
{
	if (slice->attached_ns)
		return input__add(in, slice);
	sample__free(slice);
	return 0;
}

static int input__read_slices(struct input *in)
{
	struct sample *before = sample__new(), *now = NULL;
	int err = before ? recording__next(in->recording, &now) : -ENOMEM;

	while (err == 1) {
		struct sample *slice;

		slice = sample__between(before, now);
		sample__free(before);
		before = now;
		now = NULL;
		err = slice ? input__add_slice(in, slice) : -ENOMEM;
		if (!err)
			err = recording__next(in->recording, &now);
	}
	sample__free(before);
	return err;
}

static int input__read_whole(struct input *in)
{
	struct sample *whole = NULL;
	int err = recording__whole(in->recording, &whole);

	return err ? err : input__add(in, whole);
}

static void input__look(struct input *in)
{
	in->likeness.info = recording__info(in->recording);
	for (size_t i = 0; i < in->nr_samples; i++) {
		const struct sample *s = in->samples[i];

		for (size_t vm = 0; vm < s->nr_vms; vm++)
			if (s->vms[vm].model == 2 || s->vms[vm].model == 3)
				in->likeness.guest_models |= 1u << s->vms[vm].model;
		for (size_t j = 0; j < s->nr_series; j++)
			in->seen += s->series[j].count;
		in->lost += s->lost[VGIC_LOST_NO_SLOT] + s->lost[VGIC_LOST_NO_CELL];
	}
}

static int input__open(struct input *in, bool slices, char *line, size_t size)
{
	int err = recording__open(in->path, &in->recording);

	if (!err)
		err = slices ? input__read_slices(in) : input__read_whole(in);
	if (!err)
		err = recording__digest(in->recording, &in->digest);
	if (err == -ENOMEM)
		return fail(line, size, err, "cannot read %s: out of memory", in->path);
	if (err)
		return fail(line, size, err, "%s", recording__error());
	input__look(in);
	if (!in->seen)
		return fail(line, size, -EINVAL,
			    "cannot compare %s: there are no accesses in it; was a guest running?",
			    in->path);
	return 0;
}

/*
 * By name or link; of those that were read, copies, too: a run that is counted twice makes any
 * noise look like certainty.
 */
static int own__find_twins(const struct compare_inputs_own *own, bool are_read, char *line,
			   size_t size)
{
	for (size_t i = 0; i < own->nr; i++)
		for (size_t j = 0; j < i; j++)
			if (are_read ? own->inputs[i].digest == own->inputs[j].digest
				     : is_same_file(own->inputs[i].path, own->inputs[j].path))
				return fail(line, size, -EINVAL,
					    "cannot compare %s with %s: they are the same "
					    "recording; each run counts once",
					    own->inputs[j].path, own->inputs[i].path);
	return 0;
}

static int own__check_likeness(const struct compare_inputs_own *own,
			       const struct compare_inputs_opts *opts, bool *is_forced, char *line,
			       size_t size)
{
	for (size_t i = 1; i < own->nr; i++) {
		char text[400];
		const char *field =
			recordings__unlike(&own->inputs[0].likeness, &own->inputs[i].likeness,
					   opts->raw, text, sizeof(text));

		if (field && !opts->force)
			return fail(line, size, -EXDEV,
				    "cannot compare %s with %s: %s unlike (%s); --force goes on",
				    own->inputs[0].path, own->inputs[i].path, field, text);
		if (field) {
			*is_forced = true;
			fprintf(own->warnings, "%s and %s are unlike: %s (%s)\n",
				own->inputs[0].path, own->inputs[i].path, field, text);
		}
	}
	return 0;
}

static void own__warn(const struct compare_inputs_own *own)
{
	for (size_t i = 0; i < own->nr; i++) {
		const struct input *in = &own->inputs[i];

		if (!recording__is_complete(in->recording))
			fprintf(own->warnings, "%s: its end is missing\n", in->path);
		if (in->lost)
			fprintf(own->warnings, "%s: %.2g %% of the accesses were not counted\n",
				in->path, 100.0 * in->lost / (in->seen + in->lost));
	}
}

static int own__make_runs(struct compare_inputs_own *own, struct compare_inputs *inputs,
			  size_t nr_base_inputs, bool raw)
{
	size_t nr = 0;

	for (size_t i = 0; i < own->nr; i++)
		nr += own->inputs[i].nr_samples;
	own->runs = calloc(nr + 1, sizeof(*own->runs));
	if (!own->runs)
		return -ENOMEM;
	inputs->base.runs = own->runs;
	for (size_t i = 0; i < own->nr; i++) {
		const struct input *in = &own->inputs[i];
		struct compare_side *side = i < nr_base_inputs ? &inputs->base : &inputs->new;
		struct compare_run run = { .tick_ns = in->likeness.info->host.tick_ns };

		run.is_modelled = !strcmp(in->likeness.info->source, "ftrace");

		if (in->likeness.info->has_calibration && !raw)
			run.calibration = &in->likeness.info->calibration;
		run.facts = recording__facts(in->recording, &run.nr_facts);
		if (inputs->within_run)
			run.nr_facts = 0; /* they are the whole run's */
		for (size_t j = 0; j < in->nr_samples; j++) {
			run.sample = in->samples[j];
			own->runs[inputs->base.nr_runs + inputs->new.nr_runs] = run;
			side->nr_runs++;
		}
	}
	inputs->new.runs = own->runs + inputs->base.nr_runs;
	return 0;
}

static int inputs__open(struct compare_inputs *inputs, const struct compare_inputs_opts *opts,
			char *line, size_t size)
{
	struct compare_inputs_own *own = inputs->own;
	int err;

	for (size_t i = 0; i < opts->nr_base + opts->nr_new; i++)
		own->inputs[own->nr++].path =
			i < opts->nr_base ? opts->base[i] : opts->new[i - opts->nr_base];
	err = own__find_twins(own, false, line, size);
	for (size_t i = 0; i < own->nr && !err; i++)
		err = input__open(&own->inputs[i], inputs->within_run, line, size);
	if (!err)
		err = own__find_twins(own, true, line, size);
	if (!err)
		err = own__check_likeness(own, opts, &inputs->is_forced, line, size);
	if (err)
		return err;
	own__warn(own);
	inputs->base_info = own->inputs[0].likeness.info;
	inputs->new_info = own->inputs[opts->nr_base].likeness.info;
	return own__make_runs(own, inputs, opts->nr_base, opts->raw);
}

int compare_inputs__read(const struct compare_inputs_opts *opts, struct compare_inputs **result,
			 char *line, size_t size)
{
	struct compare_inputs *inputs = calloc(1, sizeof(*inputs));
	struct compare_inputs_own *own = calloc(1, sizeof(*own));
	int err = -ENOMEM;

	snprintf(line, size, "out of memory");
	if (!inputs || !own) {
		free(inputs);
		free(own);
		return err;
	}
	inputs->own = own;
	inputs->within_run = opts->nr_base == 1 && opts->nr_new == 1;
	own->inputs = calloc(opts->nr_base + opts->nr_new + 1, sizeof(*own->inputs));
	own->warnings = open_memstream(&inputs->warnings, &own->warnings_sz);
	if (own->inputs && own->warnings)
		err = inputs__open(inputs, opts, line, size);
	if (own->warnings)
		fclose(own->warnings);
	if (err)
		compare_inputs__free(inputs);
	else
		*result = inputs;
	return err;
}

uint32_t compare_inputs__stages(const struct compare_inputs *inputs)
{
	uint32_t stages = ~0u;

	for (size_t i = 0; i < inputs->base.nr_runs; i++)
		stages &= inputs->base.runs[i].sample->stages;
	for (size_t i = 0; i < inputs->new.nr_runs; i++)
		stages &= inputs->new.runs[i].sample->stages;
	return stages;
}

void compare_inputs__free(struct compare_inputs *inputs)
{
	if (!inputs)
		return;
	for (size_t i = 0; i < inputs->own->nr; i++) {
		struct input *in = &inputs->own->inputs[i];

		for (size_t j = 0; j < in->nr_samples; j++)
			sample__free(in->samples[j]);
		free(in->samples);
		recording__close(in->recording);
	}
	free(inputs->own->inputs);
	free(inputs->own->runs);
	free(inputs->own);
	free(inputs->warnings);
	free(inputs);
}
