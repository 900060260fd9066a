// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include "fake_sample.h"

const struct host fake_host = {
	.release = "6.12.0-test",
	.machine = "aarch64",
	.nr_cpus = 8,
	.clock_hz = 62500000,
	.tick_ns = 16,
	.gic = "GICv3",
	.has_kvm = true,
	.guest_gic = { [3] = true },
};

static struct plan_hook fake_hooks[] = {
	{ .boundary = "T2 bus entry",
	  .function = "kvm_io_bus_read",
	  .needed = true,
	  .method = PLAN_FENTRY },
	{ .boundary = "T6 device exit",
	  .function = "dispatch_mmio_read",
	  .at_exit = true,
	  .needed = true,
	  .method = PLAN_FENTRY },
	{ .boundary = "T5 register handler",
	  .function = "vgic_get_mmio_region",
	  .at_exit = true,
	  .method = PLAN_FENTRY },
	{ .boundary = "leaves KVM_RUN",
	  .function = "vcpu_put",
	  .needed = true,
	  .without = "accesses to user space are not told from unknown ones",
	  .method = PLAN_KPROBE,
	  .why = "fentry: the function is not in the kernel's BTF" },
	{ .boundary = "T6 device exit",
	  .function = "coalesced_mmio_write",
	  .at_exit = true,
	  .needed = true,
	  .without = "coalesced accesses count as unknown",
	  .method = PLAN_NONE,
	  .why = "fexit: the kernel has no such function; kretprobe: the kernel has no such "
		 "function" },
};

const struct plan fake_plan = {
	.hooks = fake_hooks,
	.nr_hooks = sizeof(fake_hooks) / sizeof(fake_hooks[0]),
	.stages = FAKE_STAGES,
};

const struct calibration fake_calibration = {
	.stages = {
		[VGIC_LOOKUP] = { true, 60.25, 3 },
		[VGIC_DEVICE] = { true, 80, 4 },
		[VGIC_BUS] = { true, 130.125, 5 },
	},
	.access = { true, 1066.5, 0.75 },
	.nr_runs = 3075,
	.took_ns = 67000000,
};

static const struct fake {
	unsigned int vm, vcpu, target, kind, range, op;
	uint64_t base, count, untimed;
	unsigned int lookup_ns, device_ns; /* where the latencies lie; 0 = there are none */
} fakes[] = {
	{ 0, 0, -1, VGIC_DIST_V3, VGIC_RANGE_DIST_V3_CTLR, VGIC_READ, 0x8000000, 20000, 0, 200,
	  90 },
	{ 0, 1, -1, VGIC_DIST_V3, VGIC_RANGE_DIST_V3_CTLR, VGIC_READ, 0x8000000, 500, 2, 210, 95 },
	{ 0, 1, -1, VGIC_DIST_V3, VGIC_RANGE_DIST_V3_ISENABLER, VGIC_WRITE, 0x8000000, 1200, 0, 300,
	  2000 },
	{ 0, 0, 0, VGIC_REDIST, VGIC_RANGE_REDIST_TYPER, VGIC_READ, 0x80a0000, 40, 0, 180, 5 },
	{ 0, 0, 1, VGIC_REDIST, VGIC_RANGE_REDIST_TYPER, VGIC_READ, 0x80c0000, 30, 0, 190, 5 },
	{ 0, 1, -1, VGIC_ITS, VGIC_RANGE_ITS_CWRITER, VGIC_WRITE, 0x8080000, 7, 0, 250, 40000000 },
	{ 0, 1, -1, VGIC_DIST_V3, VGIC_RANGE_DIST_V3_RESERVED, VGIC_READ, 0x8000000, 3, 3, 0, 0 },
	{ 0, 0, -1, VGIC_IOEVENTFD, VGIC_RANGE_IOEVENTFD, VGIC_WRITE, 0xa000e00, 400, 0, 260, 700 },
	{ 0, 0, -1, VGIC_COALESCED, VGIC_RANGE_COALESCED, VGIC_WRITE, 0x3eff0000, 5, 0, 255, 60 },
	{ 0, 0, -1, VGIC_UNKNOWN, VGIC_RANGE_UNKNOWN, VGIC_READ, 0x7000000, 1, 1, 0, 0 },
	{ 0, 0, -1, VGIC_USER, VGIC_RANGE_USER, VGIC_READ, 0x9000000, 90, 0, 0, 0 },
	{ 1, 0, -1, VGIC_DIST_V2, VGIC_RANGE_DIST_V2_SGIR, VGIC_WRITE, 0x8000000, 1500, 0, 150,
	  3000 },
};

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* @around, up to a quarter more, and now and then ten times as much; in whole ticks. */
static uint64_t latency(uint64_t around, uint32_t *state)
{
	uint64_t ns = around + around * (next_random(state) % 64) / 256;

	if (next_random(state) % 1000 == 0)
		ns *= 10;
	return ns / 16 * 16;
}

static void fill_latencies(struct sample_series *series, const struct fake *fake, uint32_t stages,
			   uint64_t count)
{
	uint32_t state = fake->range * 2 + fake->vcpu;
	uint64_t i;

	for (i = 0; fake->lookup_ns && i < count; i++) {
		uint64_t lookup = latency(fake->lookup_ns, &state);
		uint64_t device = latency(fake->device_ns, &state);
		int err = 0;

		if (stages & 1u << VGIC_LOOKUP)
			err |= lat__record(&series->lat[VGIC_LOOKUP], lookup, 1);
		if (stages & 1u << VGIC_DEVICE)
			err |= lat__record(&series->lat[VGIC_DEVICE], device, 1);
		if (stages & 1u << VGIC_BUS)
			err |= lat__record(&series->lat[VGIC_BUS], lookup + device, 1);
		if (err)
			abort();
	}
}

static void fill_series(struct sample *s, const struct fake *fake, uint32_t stages, bool per_vcpu,
			bool per_device, unsigned int times)
{
	bool by_address = fake->kind >= VGIC_NR_GIC_KINDS;
	struct sample_key key = {
		.vm = fake->vm,
		.vcpu = per_vcpu ? fake->vcpu : SAMPLE_ALL,
		.target = per_device ? fake->target : SAMPLE_ALL,
		.kind = fake->kind,
		.range = fake->range,
		.op = fake->op,
		.base = per_device || by_address ? fake->base : 0,
	};
	struct sample_series *series = sample__series(s, &key);

	if (!series)
		abort();
	series->count += fake->count * times;
	series->nr_untimed += fake->untimed * times;
	fill_latencies(series, fake, stages, (fake->count - fake->untimed) * times);
}

static void fill_vm(struct sample *s, const char *id, const char *name, uint32_t pid,
		    uint32_t model, uint32_t nr_vcpus, bool alive)
{
	struct sample_vm *vm = sample__vm(s, id);

	if (!vm)
		abort();
	snprintf(vm->name, sizeof(vm->name), "%s", name);
	vm->pid = pid;
	vm->model = model;
	vm->nr_vcpus = nr_vcpus;
	vm->alive = alive;
}

struct sample *fake__sample(uint32_t stages, bool per_vcpu, bool per_device, unsigned int times)
{
	struct sample *s = sample__new();

	if (!s)
		abort();
	fill_vm(s, "1234-11", "web", 1234, 3, 2, true);
	fill_vm(s, "977-9", "old \"db\"", 977, 2, 1, false);
	for (size_t i = 0; i < sizeof(fakes) / sizeof(fakes[0]); i++)
		fill_series(s, &fakes[i], stages, per_vcpu, per_device, times);
	s->begin_ns = 5000000000;
	s->end_ns = s->begin_ns + times * 1250000000ULL;
	s->attached_ns = s->end_ns - s->begin_ns;
	s->overhead_ns = times * 25261000.0;
	s->stages = stages;
	for (int i = 0; i < VGIC_NR_LOSSES; i++)
		s->lost[i] = i * times;
	s->recursion_misses = 2 * times;
	s->in_flight = 1;
	s->has_kvm_exits = true;
	s->kvm_exits_low = sample__seen(s) - times;
	s->kvm_exits_high = sample__seen(s) + times;
	if (sample__sort(s))
		abort();
	return s;
}

void fake__add_exits(struct sample *s, bool per_vcpu, unsigned int times)
{
	for (uint32_t vcpu = 0; vcpu < 2; vcpu++) {
		uint32_t vm = sample__vm(s, "1234-11") - s->vms;
		struct sample_exits *e = sample__exits(s, vm, per_vcpu ? vcpu : SAMPLE_ALL);

		if (!e)
			abort();
		e->count[VGIC_EXIT_DABT_LOW] += 22000 * times;
		e->count[VGIC_EXIT_HVC64] += (12 + vcpu) * times;
		e->count[VGIC_EXIT_IRQ] += 3100 * times;
		e->count[0x2e] += vcpu * times;
		e->kvm_low = exits__total(e) + vcpu;
		e->kvm_high = e->kvm_low + 5;
	}
	s->has_exits = true;
	s->exits_ns = times * 1000000000ULL;
	s->lost_exits = times * 7;
	s->kvm_user = (struct sample_kvm){ true, 91 * times, 92 * times };
}
