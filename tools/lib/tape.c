// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "tape.h"
#include "version.h"

#define LINE_SZ 1024

static void tape__lose(struct tape *t)
{
	char line[LINE_SZ];

	snprintf(line, sizeof(line), "%s; what was recorded before stays readable",
		 recording__error());
	t->say(t->arg, line);
	recorder__close(t->recorder);
	t->recorder = NULL;
	t->is_lost = true;
}

int tape__ask_for_facts(struct tape *t)
{
	int err = facts__new(&t->facts);
	char line[LINE_SZ];

	if (!err)
		return 0;
	snprintf(line, sizeof(line), "cannot make a temporary file for " FACTS_VARIABLE ": %s",
		 strerror(-err));
	t->say(t->arg, line);
	return err;
}

static void join(char *const *command, char *buf, size_t size)
{
	size_t n = 0;

	for (; command && *command && n < size; command++)
		n += snprintf(buf + n, size - n, "%s%s", n ? " " : "", *command);
}

int tape__begin(struct tape *t, const char *path, const struct view *view, char *const *command)
{
	struct recording_info info = {
		.version = VERSION,
		.source = "bpf",
		.host = *view->host,
		.time_s = time(NULL),
		.plan = (struct plan *)view->plan,
		.has_calibration = view->calibration,
		.stages = view->stages,
		.per_vcpu = view->per_vcpu,
		.per_device = view->per_device,
	};
	int err;

	if (view->calibration)
		info.calibration = *view->calibration;
	if (view->plan)
		plan__summary(view->plan, info.attach, sizeof(info.attach));
	host__build_id(info.build_id, sizeof(info.build_id));
	snprintf(info.tool, sizeof(info.tool), "%s", view->tool);
	snprintf(info.profile, sizeof(info.profile), "%s", view->profile);
	snprintf(info.range, sizeof(info.range), "%s", view->range ? view->range : "");
	join(command, info.command, sizeof(info.command));
	err = recorder__create(path, &info, &t->recorder);
	if (err)
		t->say(t->arg, recording__error());
	return err;
}

void tape__slice(struct tape *t, const struct sample *cumulative)
{
	if (t->recorder && recorder__slice(t->recorder, cumulative))
		tape__lose(t);
}

void tape__mark(struct tape *t, const struct recording_mark *mark)
{
	if (t->recorder && recorder__mark(t->recorder, mark))
		tape__lose(t);
}

/* A run of several workloads did the work of all of them. */
static int add_fact(void *arg, const char *name, double value)
{
	struct tape *t = arg;

	if (!strcmp(name, "work"))
		value = t->work += value;
	return recorder__fact(t->recorder, name, value);
}

void tape__finish(struct tape *t)
{
	unsigned int nr_bad = 0;
	char line[LINE_SZ];

	if (!t->recorder)
		return;
	if (t->facts && facts__each(t->facts, add_fact, t, &nr_bad)) {
		tape__lose(t);
		return;
	}
	if (nr_bad) {
		snprintf(line, sizeof(line),
			 "left out %u lines of " FACTS_VARIABLE
			 ": each is to be a name and a number",
			 nr_bad);
		t->say(t->arg, line);
	}
	if (recorder__finish(t->recorder))
		tape__lose(t);
}

void tape__close(struct tape *t)
{
	recorder__close(t->recorder);
	facts__free(t->facts);
	t->recorder = NULL;
	t->facts = NULL;
}
