// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "regs.h"
#include "trace_chrome.h"

/* A VM is told by its process and its number among the VMs of the trace; a track by its vCPU. */
struct track {
	uint32_t vm, vcpu;
};

struct trace_chrome {
	FILE *out;
	const struct trace_show *show;
	bool has_begun;
	struct track *tracks; /* that have been named */
	size_t nr_tracks, room;
};

struct trace_chrome *trace_chrome__new(FILE *out, const struct trace_show *show)
{
	struct trace_chrome *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->out = out;
	c->show = show;
	fputs("[", out);
	return c;
}

static void put_string(FILE *out, const char *s)
{
	fputc('"', out);
	for (; *s; s++)
		if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if ((unsigned char)*s < ' ')
			fprintf(out, "\\u%04x", *s);
		else
			fputc(*s, out);
	fputc('"', out);
}

/* The begin of an object; its process and thread. */
static void begin(struct trace_chrome *c, const char *phase, const struct vgic_access *a)
{
	fprintf(c->out, "%s\n{\"ph\":\"%s\",\"pid\":%u,\"tid\":%u", c->has_begun ? "," : "", phase,
		a->vm, a->vcpu_id);
	c->has_begun = true;
}

static void put_name(struct trace_chrome *c, const struct trace_event *e, const char *what,
		     const char *name)
{
	begin(c, "M", e->access);
	fprintf(c->out, ",\"name\":\"%s\",\"args\":{\"name\":", what);
	put_string(c->out, name);
	fputs("}}", c->out);
}

static bool has_track(const struct trace_chrome *c, uint32_t vm, const uint32_t *vcpu)
{
	for (size_t i = c->nr_tracks; i-- > 0;)
		if (c->tracks[i].vm == vm && (!vcpu || c->tracks[i].vcpu == *vcpu))
			return true;
	return false;
}

/* Names the VM and the vCPU, where they are new. */
static int name_track(struct trace_chrome *c, const struct trace_event *e)
{
	const struct vgic_access *a = e->access;
	char name[128];

	if (has_track(c, a->vm, &a->vcpu_id))
		return 0;
	if (c->nr_tracks == c->room) {
		size_t room = c->room ? 2 * c->room : 64;
		struct track *tracks = reallocarray(c->tracks, room, sizeof(*tracks));

		if (!tracks)
			return -ENOMEM;
		c->tracks = tracks;
		c->room = room;
	}
	if (!has_track(c, a->vm, NULL)) {
		snprintf(name, sizeof(name), "VM %s %s", e->vm_id, e->vm_name);
		put_name(c, e, "process_name", name);
	}
	snprintf(name, sizeof(name), "vCPU %u", a->vcpu_id);
	put_name(c, e, "thread_name", name);
	c->tracks[c->nr_tracks].vm = a->vm;
	c->tracks[c->nr_tracks++].vcpu = a->vcpu_id;
	return 0;
}

/* Where a stage lies, CLOCK_MONOTONIC ns. */
struct span {
	uint64_t from, to;
};

#define S(name) (1u << VGIC_##name)

static bool is_corrected(const struct trace_event *e)
{
	const uint32_t inner = e->stages & (S(DECODE) | S(HANDLER));

	return !((S(BUS) | S(LOOKUP) | S(DEVICE) | inner) & ~e->corrected);
}

static void lay_as_measured(const struct vgic_access *a, struct span *spans)
{
	spans[VGIC_BUS] = (struct span){ a->t_bus, a->t_end };
	spans[VGIC_LOOKUP] = (struct span){ a->t_bus, a->t_dev };
	spans[VGIC_DEVICE] = (struct span){ a->t_dev, a->t_out };
	spans[VGIC_DECODE] = (struct span){ a->t_dev, a->t_reg };
	spans[VGIC_HANDLER] = (struct span){ a->t_reg, a->t_out };
}

/* The stage from @from on, but not beyond @to: shares are right on average only. */
static struct span span_of(const struct trace_event *e, int stage, uint64_t from, uint64_t to)
{
	const uint64_t end = from + (uint64_t)(e->ns[stage] + 0.5);

	return (struct span){ from, end < to ? end : to };
}

/* From the access's begin, one behind the other, each as long as it is without the share. */
static void lay_corrected(const struct trace_event *e, struct span *spans)
{
	const uint64_t begin = e->access->t_bus;
	struct span *bus = &spans[VGIC_BUS], *device = &spans[VGIC_DEVICE];

	*bus = span_of(e, VGIC_BUS, begin, UINT64_MAX);
	spans[VGIC_LOOKUP] = span_of(e, VGIC_LOOKUP, begin, bus->to);
	*device = span_of(e, VGIC_DEVICE, spans[VGIC_LOOKUP].to, bus->to);
	spans[VGIC_DECODE] = span_of(e, VGIC_DECODE, device->from, device->to);
	spans[VGIC_HANDLER] = span_of(e, VGIC_HANDLER, spans[VGIC_DECODE].to, device->to);
}

static void put_us(FILE *out, const char *key, uint64_t ns)
{
	fprintf(out, ",\"%s\":%" PRIu64 ".%03u", key, ns / 1000, (unsigned int)(ns % 1000));
}

/* Without its end: arguments may follow. */
static void put_slice(struct trace_chrome *c, const struct trace_event *e, const char *name,
		      struct span span)
{
	const uint64_t zero = c->show->begin_ns;

	begin(c, "X", e->access);
	put_us(c->out, "ts", span.from > zero ? span.from - zero : 0);
	put_us(c->out, "dur", span.to - span.from);
	fputs(",\"name\":", c->out);
	put_string(c->out, name);
}

static void put_stage(struct trace_chrome *c, const struct trace_event *e, int stage,
		      struct span span)
{
	if (!(e->stages >> stage & 1))
		return;
	put_slice(c, e, stage__name(stage), span);
	fputs(",\"cat\":\"stage\"}", c->out);
}

static void put_args(struct trace_chrome *c, const struct trace_event *e)
{
	const struct vgic_access *a = e->access;
	const unsigned int nr = a->stack_sz / sizeof(a->stack[0]);
	const unsigned int first = symbols__skip(c->show->symbols, a->stack, nr);
	char name[SYMBOL_SZ];

	fprintf(c->out,
		",\"cat\":\"%s\",\"args\":{\"op\":\"%s\",\"size\":%u,\"address\":\"0x%" PRIx64
		"\",\"handled\":\"%s\",\"cpu\":%u,\"raw_ns\":%" PRIu64 ",\"as_measured\":%s",
		a->flags & VGIC_ACCESS_USER ? "user" : "kernel",
		a->op == VGIC_READ ? "read" : "write", a->len, (uint64_t)a->addr,
		a->flags & VGIC_ACCESS_USER ? "user" : "kernel", a->cpu,
		(uint64_t)(a->t_end - a->t_bus), is_corrected(e) ? "false" : "true");
	if (!(a->flags & VGIC_ACCESS_NO_VALUE))
		fprintf(c->out, ",\"value\":\"0x%" PRIx64 "\"", (uint64_t)a->value);
	if (e->decoded[0]) {
		fputs(",\"decoded\":", c->out);
		put_string(c->out, e->decoded);
	}
	for (unsigned int i = first; i < nr; i++) {
		symbols__name(c->show->symbols, a->stack[i], name);
		fputs(i > first ? "," : ",\"stack\":[", c->out);
		put_string(c->out, name);
	}
	fputs(a->stack_sz ? "]}}" : "}}", c->out);
}

int trace_chrome__event(struct trace_chrome *c, const struct trace_event *e)
{
	static const int stages[] = { VGIC_LOOKUP, VGIC_DEVICE, VGIC_DECODE, VGIC_HANDLER };
	struct span spans[VGIC_NR_STAGES];
	int err = name_track(c, e);

	/* One whose begin was missed has no length. */
	if (err || !e->access->t_bus)
		return err;
	if (is_corrected(e))
		lay_corrected(e, spans);
	else
		lay_as_measured(e->access, spans);
	put_slice(c, e, e->label, spans[VGIC_BUS]);
	put_args(c, e);
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		put_stage(c, e, stages[i], spans[stages[i]]);
	/* Whole objects are written, so that a file that is cut off has no half of one. */
	if (__fpending(c->out) > __fbufsize(c->out) / 2)
		fflush(c->out);
	return 0;
}

void trace_chrome__end(struct trace_chrome *c)
{
	if (!c)
		return;
	fputs("\n]\n", c->out);
	free(c->tracks);
	free(c);
}
