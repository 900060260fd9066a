// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Imports of the recordings in tests/ftrace/, whose accesses are known, and of text made here. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <cmocka.h>
#include "ftrace_path.h"
#include "ftrace_slices.h"
#include "import_ftrace.h"
#include "regs.h"

static struct import *must_import(const char *path)
{
	struct import_opts opts = { 0 };
	struct import *import = NULL;
	int err = import_ftrace__read(path, &opts, &import);

	if (err)
		fail_msg("%s: %s", path, import_ftrace__error());
	return import;
}

/* Imports text from a file of its own. *@import stays NULL where it fails. */
static int import_text(const char *text, size_t n, struct import **import)
{
	char path[] = "/tmp/test-import-XXXXXX";
	struct import_opts opts = { 0 };
	int fd = mkstemp(path), err;

	*import = NULL;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	close(fd);
	err = import_ftrace__read(path, &opts, import);
	unlink(path);
	return err;
}

static struct import *must_import_text(const char *text)
{
	struct import *import;

	if (import_text(text, strlen(text), &import))
		fail_msg("%s", import_ftrace__error());
	return import;
}

/* Accesses by op (VGIC_NR_OPS: both) of range @name (NULL: all), in the kernel or not. */
static uint64_t count(const struct import *import, const char *name, unsigned int op,
		      bool in_kernel)
{
	uint64_t nr = 0;

	for (size_t i = 0; i < import->sample->nr_series; i++) {
		const struct sample_series *s = &import->sample->series[i];

		if (kind__in_kernel(s->key.kind) == in_kernel &&
		    (op == VGIC_NR_OPS || s->key.op == op) &&
		    (!name || !strcmp(range__name(s->key.range), name)))
			nr += s->count;
	}
	return nr;
}

static uint64_t all(const struct import *import)
{
	return count(import, NULL, VGIC_NR_OPS, true) + count(import, NULL, VGIC_NR_OPS, false);
}

static double fact(const struct import *import, const char *name)
{
	for (size_t i = 0; i < import->nr_facts; i++)
		if (!strcmp(import->facts[i].name, name))
			return import->facts[i].value;
	fail_msg("there is no fact %s", name);
	return 0;
}

static bool is_said(const struct import *import, const char *what)
{
	for (size_t i = 0; i < import->nr_remarks; i++)
		if (strstr(import->remarks[i], what))
			return true;
	return false;
}

static char *load(const char *path, size_t *n)
{
	gzFile file = gzopen(path, "rb");
	char *text = calloc(1, 1 << 20);
	int got;

	assert_non_null(file);
	assert_non_null(text);
	got = gzread(file, text, (1 << 20) - 1);
	gzclose(file);
	assert_true(got > 0);
	*n = got;
	return text;
}

/* Counts are those of the recordings' own description; the two markers of each vCPU are in user. */
static const struct recording {
	const char *path;
	uint64_t kernel, user, cut;
	unsigned int vcpus, model;
} recordings[] = {
	{ "tests/ftrace/v4.0-gicv2-path-plain-1x200-icount.txt.gz", 200, 2, 0, 1, 2 },
	{ "tests/ftrace/v4.0-gicv2-path-ev-user-1x200-icount.txt.gz", 150, 52, 0, 1, 2 },
	{ "tests/ftrace/v4.0-gicv2-path-overrun-1x2000-icount.txt.gz", 69, 1, 1, 1, 2 },
	{ "tests/ftrace/v4.0-gicv2-top-ev-1x20-icount.txt.gz", 20, 2, 0, 1, 2 },
	{ "tests/ftrace/v4.0-gicv3-path-1x200-icount.txt.gz", 200, 2, 0, 1, 3 },
	{ "tests/ftrace/v4.1-gicv2-path-plain-1x200-icount.txt.gz", 200, 2, 0, 1, 2 },
	{ "tests/ftrace/v4.1-gicv2-path-ev-user-1x200-icount.txt.gz", 150, 52, 0, 1, 2 },
	{ "tests/ftrace/v4.1-gicv3-path-8x48-smp4.txt.gz", 384, 16, 0, 8, 3 },
	{ "tests/ftrace/v4.1-gicv3-path-ev-overrun-1x2000-icount.txt.gz", 39, 1, 1, 1, 3 },
	{ "tests/ftrace/v4.8-gicv2-path-1x200-icount.txt.gz", 200, 2, 0, 1, 2 },
	{ "tests/ftrace/v4.8-gicv3-path-ev-1x200-icount.txt.gz", 200, 2, 0, 1, 3 },
};
#define NR_RECORDINGS (sizeof(recordings) / sizeof(recordings[0]))

static void recordings_have_their_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_RECORDINGS; i++) {
		const struct recording *r = &recordings[i];
		struct import *import = must_import(r->path);

		assert_int_equal(count(import, NULL, VGIC_NR_OPS, true), r->kernel);
		assert_int_equal(count(import, NULL, VGIC_NR_OPS, false), r->user);
		assert_int_equal(import->sample->lost[VGIC_LOST_CUT], r->cut);
		assert_int_equal(import->sample->in_flight, 0);
		assert_int_equal(import->sample->vms[0].nr_vcpus, r->vcpus);
		assert_int_equal(import->sample->vms[0].model, r->model);
		assert_int_equal(import->info.host.tick_ns, 16);
		assert_int_equal(is_said(import, "not whole"), r->cut > 0);
		import_ftrace__free(import);
	}
}

static void events_name_the_register(void **state)
{
	struct import *import =
		must_import("tests/ftrace/v4.1-gicv2-path-ev-user-1x200-icount.txt.gz");

	(void)state;
	assert_int_equal(count(import, "GICD_IIDR", VGIC_READ, true), 50);
	assert_int_equal(count(import, "GICD_ISENABLER", VGIC_WRITE, true), 50);
	assert_int_equal(count(import, "GICD_SPENDSGIR", VGIC_READ, true), 50);
	assert_int_equal(count(import, "user", VGIC_READ, false), 50);
	assert_int_equal(count(import, "user", VGIC_WRITE, false), 2);
	for (size_t i = 0; i < import->sample->nr_series; i++)
		if (import->sample->series[i].key.kind == VGIC_USER)
			assert_int_equal(import->sample->series[i].key.base,
					 import->sample->series[i].key.op == VGIC_READ ? 0x9001000
										       : 0x9000000);
	import_ftrace__free(import);
	/* Distributor and redistributor are told apart by what their handlers serve. */
	import = must_import("tests/ftrace/v4.8-gicv3-path-ev-1x200-icount.txt.gz");
	assert_int_equal(count(import, "GICD_CTLR", VGIC_READ, true), 50);
	assert_int_equal(count(import, "GICD_IIDR", VGIC_READ, true), 50);
	assert_int_equal(count(import, "GICD_ISENABLER", VGIC_WRITE, true), 50);
	assert_int_equal(count(import, "GICR_TYPER", VGIC_READ, true), 50);
	import_ftrace__free(import);
}

static void without_events_a_range_is_as_wide_as_its_handler(void **state)
{
	struct import *import =
		must_import("tests/ftrace/v4.0-gicv2-path-plain-1x200-icount.txt.gz");

	(void)state;
	assert_int_equal(count(import, "GICD_CTLR/TYPER/IIDR", VGIC_READ, true), 100);
	assert_int_equal(count(import, "GICD_ISENABLER", VGIC_WRITE, true), 50);
	assert_int_equal(count(import, "GICD_IPRIORITYR", VGIC_READ, true), 50);
	assert_true(is_said(import, "152 accesses do not show whether they read or wrote"));
	import_ftrace__free(import);
	import = must_import("tests/ftrace/v4.0-gicv3-path-1x200-icount.txt.gz");
	assert_int_equal(count(import, "GICx_IIDR", VGIC_READ, true), 50);
	/* 64 bits: two calls of the handler, one access. */
	assert_int_equal(count(import, "GICR_TYPER", VGIC_READ, true), 50);
	import_ftrace__free(import);
}

/* The truth, counted without a tracer: GICD_IIDR, 422 instructions in v4.0, 618 in v4.1. */
static void what_the_tracer_costs_is_taken_out(void **state)
{
	static const struct {
		const char *path, *range;
		double truth;
	} cases[] = {
		{ "tests/ftrace/v4.0-gicv2-path-plain-1x200-icount.txt.gz", "GICD_CTLR+TYPER+IIDR",
		  422 },
		{ "tests/ftrace/v4.1-gicv2-path-plain-1x200-icount.txt.gz", "GICD_CTLR+TYPER+IIDR",
		  618 },
		{ "tests/ftrace/v4.0-gicv2-path-ev-user-1x200-icount.txt.gz", "GICD_IIDR", 422 },
		{ "tests/ftrace/v4.1-gicv2-path-ev-user-1x200-icount.txt.gz", "GICD_IIDR", 618 },
		{ "tests/ftrace/v4.0-gicv2-top-ev-1x20-icount.txt.gz", "GICD_IIDR", 422 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct import *import = must_import(cases[i].path);
		char name[64];
		double ns;

		snprintf(name, sizeof(name), "abort_raw_ns.%s.read", cases[i].range);
		assert_true(fact(import, name) > 7000);
		snprintf(name, sizeof(name), "abort_ns.%s.read", cases[i].range);
		ns = fact(import, name);
		assert_true(ns > 0.85 * cases[i].truth && ns < 1.15 * cases[i].truth);
		snprintf(name, sizeof(name), "abort_error_ns.%s.read", cases[i].range);
		assert_true(ns - fact(import, name) < cases[i].truth &&
			    ns + fact(import, name) > cases[i].truth);
		assert_true(import->info.calibration.stages[VGIC_BUS].is_known);
		import_ftrace__free(import);
	}
}

static void one_copied_with_short_reads_is_refused(void **state)
{
	struct import_opts opts = { 0 };
	struct import *import = NULL;

	(void)state;
	assert_int_equal(import_ftrace__read("tests/ftrace/v4.0-gicv2-path-ev-1x200-badread.txt.gz",
					     &opts, &import),
			 -EINVAL);
	assert_non_null(strstr(import_ftrace__error(), "lines are missing or repeated in"));
	assert_non_null(strstr(import_ftrace__error(), "dd bs=256k"));
	assert_null(import);
}

static void trace_cmds_format_is_read(void **state)
{
	struct import *import = must_import_text(
		"cpus=2\n"
		"CPU 1 is empty\n"
		" my-vm-7-41    [000]   12.000001: funcgraph_entry:                   |  "
		"io_mem_abort() {\n"
		" my-vm-7-41    [000]   12.000002: kvm_mmio:             mmio unsatisfied-read len "
		"4 gpa 0x8000008 val 0x0\n"
		" my-vm-7-41    [000]   12.000003: funcgraph_entry:                   |    "
		"kvm_io_bus_read() {\n"
		" my-vm-7-41    [000]   12.000004: funcgraph_entry:        0.200 us   |      "
		"kvm_io_bus_get_first_dev();\n"
		" my-vm-7-41    [000]   12.000005: funcgraph_entry:                   |      "
		"dispatch_mmio_read() {\n"
		" my-vm-7-41    [000]   12.000006: funcgraph_entry:        0.300 us   |        "
		"vgic_mmio_read_v3_misc();\n"
		" my-vm-7-41    [000] d..1 12.000007: funcgraph_exit:         2.000 us   |      }\n"
		" my-vm-7-41    [000]   12.000008: funcgraph_exit:       + 14.000 us  |    }\n"
		" my-vm-7-41    [000]   12.000009: funcgraph_entry:        0.100 us   |    "
		"kvm_handle_mmio_return();\n"
		" my-vm-7-41    [000]   12.000010: funcgraph_exit:       + 20.000 us  |  }\n"
		" my-vm-7-41    [000]   12.000011: kvm_entry:            PC: 0x80000008\n");

	(void)state;
	assert_int_equal(all(import), 1);
	assert_int_equal(count(import, "GICD_IIDR", VGIC_READ, true), 1);
	assert_int_equal(import->sample->series[0].lat[VGIC_BUS].sum_ns, 14000);
	assert_int_equal(import->sample->series[0].lat[VGIC_DEVICE].sum_ns, 2000);
	assert_int_equal(import->sample->series[0].lat[VGIC_LOOKUP].sum_ns, 12000);
	assert_int_equal(import->sample->end_ns - import->sample->begin_ns, 10000);
	assert_int_equal(import->info.host.tick_ns, 100);
	import_ftrace__free(import);
}

/* Interrupts, other lookups in them, results, arguments, modules, missing columns. */
static void what_newer_kernels_add_is_read(void **state)
{
	struct import *import = must_import_text(
		" 1)               |  io_mem_abort(vcpu=0xffff000001, fault_ipa=0x8000104) {\n"
		" 1)               |    kvm_io_bus_write [kvm]() {\n"
		" 1)   ==========> |\n"
		" 1)               |      gic_handle_irq() {\n"
		" 1)               |        kvm_io_bus_get_first_dev() {\n"
		" 1)   0.100 us    |          kvm_io_bus_write(); /* = 0x0 */\n"
		" 1)   1.000 us    |        } /* kvm_io_bus_get_first_dev = 0x1 */\n"
		" 1)   2.000 us    |      }\n"
		" 1)   <========== |\n"
		" 1)               |      __kvm_io_bus_write.isra.0() {\n"
		" 1)               |        dispatch_mmio_write() {\n"
		" 1)   0.200 us    |          vgic_mmio_write_senable(); /* a comment */\n"
		" 1)   0.900 us    |        }\n"
		" 1) $ 4.100 us    |      } /* __kvm_io_bus_write ret=0x0 */\n"
		" 1) * 9.300 us    |    } /* kvm_io_bus_write ret=0 */\n"
		" 1)   0.100 us    |    kvm_handle_mmio_return();\n"
		" 1) @ 9.900 us    |  } /* io_mem_abort = 0x1 */\n"
		" 1)               |  io_mem_abort() {\n"
		" 1)               |    kvm_io_bus_write() {\n"
		" 1)   0.200 us    |      kvm_io_bus_get_first_dev();\n"
		" 1)   1.300 us    |    } /* kvm_io_bus_write = -95 */\n"
		" 1)   2.900 us    |  }\n"
		"               |  io_mem_abort() {\n"
		"               |    kvm_io_bus_read() {\n"
		"   1.300 us    |    } /* kvm_io_bus_read = (unknown) */\n"
		"   2.900 us    |  }\n");

	(void)state;
	assert_int_equal(count(import, "GICx_ISENABLER", VGIC_WRITE, true), 1);
	assert_int_equal(count(import, NULL, VGIC_WRITE, false), 1);
	assert_int_equal(count(import, NULL, VGIC_READ, false), 1);
	assert_int_equal(all(import), 3);
	import_ftrace__free(import);
}

static void calls_go_on_where_the_task_goes_on(void **state)
{
	struct import *import = must_import_text(" 0)               |  io_mem_abort() {\n"
						 " 0)               |    kvm_io_bus_read() {\n"
						 " 1)               |  io_mem_abort() {\n"
						 " ------------------------------------------\n"
						 " 0)    vm-10    =>   CPU 1/KV-11 \n"
						 " ------------------------------------------\n"
						 "\n"
						 " 0)               |  io_mem_abort() {\n"
						 " 0)               |    kvm_io_bus_write() {\n"
						 " 1)               |    kvm_io_bus_write() {\n"
						 " ------------------------------------------\n"
						 " 1)    vm-12    =>    vm-10   \n"
						 " ------------------------------------------\n"
						 " 1)   1.000 us    |    }\n"
						 " 1)   2.000 us    |  }\n"
						 " ------------------------------------------\n"
						 " 1)    vm-10    =>    vm-12   \n"
						 " ------------------------------------------\n"
						 " 0)   3.000 us    |    }\n"
						 " 0)   4.000 us    |  }\n"
						 " 1)   5.000 us    |    }\n"
						 " 1)   6.000 us    |  }\n");

	(void)state;
	assert_int_equal(count(import, NULL, VGIC_READ, false), 1);
	assert_int_equal(count(import, NULL, VGIC_WRITE, false), 2);
	assert_int_equal(import->sample->vms[0].nr_vcpus, 3);
	import_ftrace__free(import);
}

static void events_alone_count(void **state)
{
	struct import *import = must_import_text(
		"# tracer: nop\n"
		"#\n"
		"# entries-in-buffer/entries-written: 7/20   #P:1\n"
		"#           TASK-PID   CPU#  ||||    TIMESTAMP  FUNCTION\n"
		"    vg-40    [000] d..2     0.442723: kvm_mmio: mmio write len 4 gpa 0x9000000 "
		"val 0x0\n"
		"    vg-40    [000] ...1     0.442724: kvm_userspace_exit: reason KVM_EXIT_MMIO "
		"(6)\n"
		"    vg-40    [000] d..2     0.442725: kvm_entry: PC: 0x80000004\n"
		"    vg-40    [000] ...1     0.442726: kvm_mmio: mmio unsatisfied-read len 4 gpa "
		"0x8000008 "
		"val 0x0\n"
		"    vg-40    [000] ...1     0.442727: kvm_mmio: mmio read len 4 gpa 0x8000008 val "
		"0x4b\n"
		"    vg-40    [000] ...1     0.442728: kvm_mmio: mmio read len 4 gpa 0x8000008 val "
		"0x4b\n"
		"    vg-40    [000] d..2     0.442729: kvm_entry: PC: 0x80000008\n");

	(void)state;
	assert_int_equal(count(import, "unknown", VGIC_READ, true), 1);
	assert_int_equal(count(import, "user", VGIC_WRITE, false), 1);
	assert_int_equal(all(import), 2);
	assert_int_equal(fact(import, "ftrace.lost_events"), 13);
	import_ftrace__free(import);
}

static void losses_are_said(void **state)
{
	struct import *import = must_import_text(" 0)               |  io_mem_abort() {\n"
						 " 0)               |    kvm_io_bus_read() {\n"
						 "CPU:0 [LOST 77 EVENTS]\n"
						 " 0)   1.000 us    |    }\n"
						 " 0)   2.000 us    |  }\n"
						 " 0)               |  io_mem_abort() {\n"
						 " 0)               |    kvm_io_bus_read() {\n"
						 " 0)   1.000 us    |    }\n"
						 " 0)   2.000 us    |  }\n"
						 " 0)               |  io_mem_abort() {\n"
						 " 0)          ");

	(void)state;
	assert_int_equal(all(import), 1);
	assert_int_equal(import->sample->lost[VGIC_LOST_CUT], 1);
	assert_int_equal(import->sample->in_flight, 1);
	assert_int_equal(fact(import, "ftrace.lost_events"), 77);
	assert_true(is_said(import, "events were lost"));
	assert_false(is_said(import, "in the middle of calls"));
	assert_true(is_said(import, "the last line is cut off"));
	import_ftrace__free(import);
}

static void what_is_no_such_text_is_refused(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "", "no whole access" },
		{ "# tracer: function_graph\n#\n", "no whole access" },
		{ "root:x:0:0:root:/root:/bin/bash\n", "line 1 is no function_graph text" },
		{ " 0)               |  io_mem_abort() {\ngarbage\n", "line 2 is no" },
		{ " 0)   1.000 us    |  io_mem_abort();\n", "nothing it calls" },
		{ " 0)               |  io_mem_abort() {\n 0)   1.000 us |    } /* io_mem_abort "
		  "*/\n",
		  "missing or repeated" },
		{ " 0)   0.1 us |  vgic_handle_mmio();\n 0)   0.2 us |  }\n",
		  "missing or repeated" },
		{ " 4096)   1.000 us    |  vgic_handle_mmio();\n", "more tasks or CPUs" },
		{ " 0) 99999999999999999999999 us |  vgic_handle_mmio();\n", "line 1 is no" },
		{ "\n 0) 9000000000000.000 us |  vgic_handle_mmio();\n", "line 2 is no" },
		{ " 0) 3600000000.001 us |  vgic_handle_mmio();\n", "line 1 is no" },
		{ "\x1f\x8b\x08 not really compressed", "damaged" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct import *import;

		assert_int_equal(import_text(cases[i].text, strlen(cases[i].text), &import),
				 -EINVAL);
		assert_null(import);
		if (!strstr(import_ftrace__error(), cases[i].said))
			fail_msg("'%s' for '%s'", import_ftrace__error(), cases[i].text);
		assert_null(strchr(import_ftrace__error(), '\n'));
	}
}

/* What follows "mmio " of a write by a task that then goes to user space. */
static int import_mmio(const char *mmio, const char *more, struct import **import)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "%s%s%s",
			 " vg-40    [000] d..2  0.442723: kvm_mmio: mmio ", mmio, more);

	return import_text(text, n, import);
}

static void a_damaged_address_is_refused(void **state)
{
	static const char next[] = "\n vg-40    [000] ...1  0.442724: kvm_userspace_exit: reason "
				   "KVM_EXIT_MMIO (6)\n";
	static const char *const bad[] = {
		"write len 4 gpa 0xfffffffffffffffffffff val 0x0",
		"write len 4 gpa 0xffffffffffffffff val 0x0",
		"write len 4 gpa 0x10000000000000 val 0x0",
		"write len 3 gpa 0x9000000 val 0x0",
		"write len 0 gpa 0x9000000 val 0x0",
		"write len 16 gpa 0x9000000 val 0x0",
		"wrote len 4 gpa 0x9000000 val 0x0",
		"write len 4 gpa 0x90g0000 val 0x0",
		"write len 4 gpa 0x9000",
		"",
	};
	struct import *import;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(import_mmio(bad[i], next, &import), -EINVAL);
		assert_non_null(strstr(import_ftrace__error(), "line 1 is no function_graph text"));
	}
	assert_int_equal(import_mmio("write len 8 gpa 0xffffffffff000 val 0x0", next, &import), 0);
	assert_int_equal(import->sample->series[0].key.base, 0xffffffffff000);
	import_ftrace__free(import);
	/* The end of the file is no damage. */
	assert_int_equal(import_mmio("write len 8 gpa 0x9000000 val 0x0",
				     "\n vg-40 [000] ...1 0.442724: kvm_entry: PC: 0x8\n"
				     " vg-40 [000] ...1 0.442725: kvm_mmio: mmio write len 4 gpa "
				     "0x800",
				     &import),
			 0);
	assert_int_equal(all(import), 1);
	assert_true(is_said(import, "the last line is cut off"));
	import_ftrace__free(import);
}

/* More than a recording can hold. */
static void time_is_bounded(void **state)
{
	struct ftrace_line line = {
		.kind = FTRACE_LEAF,
		.name = "kvm_vcpu_read",
		.indent = 2,
		.has_duration = true,
		.duration_ns = 1ULL << 60,
	};
	struct ftrace_path *path = ftrace_path__new(NULL, NULL, NULL);

	(void)state;
	assert_int_equal(ftrace_path__line(path, &line), 0);
	assert_int_equal(ftrace_path__line(path, &line), 0);
	assert_int_equal(ftrace_path__line(path, &line), -EOVERFLOW);
	ftrace_path__free(path);
}

static void memory_is_bounded(void **state)
{
	char *text = calloc(1, 1 << 20);
	struct import *import;
	size_t n = 0;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 100; i++)
		n += sprintf(text + n, " 0)               |  %*sio_mem_abort() {\n", 2 * i, "");
	assert_int_equal(import_text(text, n, &import), -EINVAL);
	n = 0;
	for (int i = 1; i < 5000; i++)
		n += sprintf(text + n, " 0)    vm-%d   |   0.100 us    |  vgic_handle_mmio();\n",
			     i);
	assert_int_equal(import_text(text, n, &import), -EINVAL);
	assert_non_null(strstr(import_ftrace__error(), "more tasks"));
	free(text);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* One random change in a text of @n bytes: *@n is what there is of it then. */
static void mutate(char *text, size_t *n, uint32_t *state)
{
	size_t at = next_random(state) % *n, line, end, next;

	for (line = at; line && text[line - 1] != '\n'; line--)
		;
	end = line + strcspn(text + line, "\n") + 1;
	next = end < *n ? end + strcspn(text + end, "\n") + 1 : end;
	switch (next_random(state) % 6) {
	case 0: /* a line is gone */
		memmove(text + line, text + end, *n - end + 1);
		*n -= end - line;
		break;
	case 1: /* there twice */
		memmove(text + end, text + line, *n - line + 1);
		*n += end - line;
		break;
	case 2: { /* swapped with the next */
		char copy[512];

		if (next > *n || end - line > sizeof(copy))
			break;
		memcpy(copy, text + line, end - line);
		memmove(text + line, text + end, next - end);
		memcpy(text + line + next - end, copy, end - line);
		break;
	}
	case 3: /* cut off in its middle */
		memmove(text + at, text + end, *n - end + 1);
		*n -= end - at;
		break;
	case 4: /* a byte is another */
		text[at] = next_random(state);
		break;
	default: /* all ends here */
		text[at] = '\0';
		*n = at;
		break;
	}
}

/* Never more than there was; never less without a word. */
static void assert_consistent(const char *text, size_t n, uint64_t nr)
{
	struct import *import;
	int err = import_text(text, n, &import);
	uint64_t sum;

	if (err) {
		assert_int_equal(err, -EINVAL);
		assert_null(import);
		assert_true(strlen(import_ftrace__error()) > 20);
		return;
	}
	sum = all(import) + import->sample->lost[VGIC_LOST_CUT] + import->sample->in_flight;
	assert_true(sum <= nr);
	if (sum < nr && !is_said(import, "the last line is cut off") &&
	    !is_said(import, "that reached no emulation") && n > 0 && text[n - 1] == '\n')
		/* A whole access, or the end of the file, is gone: nothing is left to tell it. */
		assert_true(all(import) < nr);
	for (size_t i = 0; i < import->sample->nr_series; i++) {
		const struct sample_series *s = &import->sample->series[i];

		assert_true(s->lat[VGIC_BUS].count + s->nr_untimed <= s->count);
	}
	import_ftrace__free(import);
}

static void damaged_text_is_refused_or_counted_right(void **state)
{
	static const struct {
		const char *path;
		uint64_t nr;
	} files[] = {
		{ "tests/ftrace/v4.0-gicv2-path-plain-1x200-icount.txt.gz", 202 },
		{ "tests/ftrace/v4.8-gicv3-path-ev-1x200-icount.txt.gz", 202 },
		{ "tests/ftrace/v4.0-gicv2-top-ev-1x20-icount.txt.gz", 22 },
	};
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t n, len;
		char *text = load(files[i].path, &n);
		char *copy = malloc(1 << 20);

		assert_non_null(copy);
		for (int round = 0; round < 150; round++) {
			memcpy(copy, text, n + 1);
			len = n;
			for (int k = round % 3; k >= 0 && len > 1; k--)
				mutate(copy, &len, &seed);
			assert_consistent(copy, len, files[i].nr);
		}
		free(copy);
		free(text);
	}
}

/* A line that is gone in the middle of an access, whatever it is, is noticed or does not matter. */
static void no_access_gets_lost_in_silence(void **state)
{
	size_t n;
	char *text = load("tests/ftrace/v4.0-gicv2-path-plain-1x200-icount.txt.gz", &n);
	char *copy = malloc(1 << 20), *line = strstr(text, " 0)");

	(void)state;
	assert_non_null(copy);
	for (int i = 0; i < 60; i++) {
		size_t at = line - text, len = strcspn(line, "\n") + 1;
		struct import *import;

		memcpy(copy, text, at);
		memcpy(copy + at, text + at + len, n - at - len);
		if (!import_text(copy, n - len, &import))
			assert_int_equal(all(import) + import->sample->lost[VGIC_LOST_CUT], 202);
		import_ftrace__free(import);
		line += len;
	}
	free(copy);
	free(text);
}

/* Takes @most lines with @what out of a text. Its length then. */
static size_t without(char *text, const char *what, unsigned int most)
{
	char *at = text;

	while (most-- && (at = strstr(at, what))) {
		char *end = at + strcspn(at, "\n") + 1;

		while (at > text && at[-1] != '\n')
			at--;
		memmove(at, end, strlen(end) + 1);
	}
	return strlen(text);
}

/* An access without the line that names its register is not one to another register. */
static void a_missing_handler_is_told(void **state)
{
	static const struct {
		const char *path, *handler;
	} cases[] = {
		{ "tests/ftrace/v4.0-gicv2-path-plain-1x200-icount.txt.gz", " handle_mmio_misc" },
		{ "tests/ftrace/v4.1-gicv2-path-plain-1x200-icount.txt.gz", " handle_mmio_misc" },
		{ "tests/ftrace/v4.8-gicv2-path-1x200-icount.txt.gz", " vgic_mmio_read_v2_misc" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct import *import;
		size_t n;
		char *text = load(cases[i].path, &n);

		n = without(text, cases[i].handler, 3);
		assert_int_equal(import_text(text, n, &import), 0);
		assert_int_equal(all(import), 202 - 3);
		assert_int_equal(import->sample->lost[VGIC_LOST_CUT], 3);
		assert_true(is_said(import, "3 accesses reached no handler"));
		assert_int_equal(count(import, "GICx_OTHER", VGIC_NR_OPS, true), 0);
		import_ftrace__free(import);
		free(text);
	}
}

/* Where none was traced, none is missing. */
static void handlers_need_not_be_traced(void **state)
{
	struct import *import;
	size_t n;
	char *text = load("tests/ftrace/v4.8-gicv2-path-1x200-icount.txt.gz", &n);

	(void)state;
	n = without(text, " vgic_mmio_", UINT_MAX);
	assert_int_equal(import_text(text, n, &import), 0);
	assert_int_equal(all(import), 202);
	assert_int_equal(import->sample->lost[VGIC_LOST_CUT], 0);
	import_ftrace__free(import);
	free(text);
}

static void ignore(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

/* Makes a recording of @text (a path), which the caller closes. */
static struct recording *must_make(const char *text)
{
	char path[] = "/tmp/test-import-XXXXXX";
	struct recording *recording = NULL;

	close(mkstemp(path));
	assert_int_equal(import_ftrace__make(text, path, ignore, NULL), 0);
	assert_int_equal(recording__open(path, &recording), 0);
	unlink(path);
	assert_true(recording__is_complete(recording));
	return recording;
}

static void assert_same_series(const struct sample *a, const struct sample *b)
{
	assert_int_equal(a->nr_series, b->nr_series);
	for (size_t i = 0; i < a->nr_series; i++) {
		const struct sample_series *x = &a->series[i], *y = &b->series[i];

		assert_int_equal(x->count, y->count);
		assert_int_equal(x->nr_untimed, y->nr_untimed);
		assert_int_equal(x->key.range, y->key.range);
		assert_int_equal(x->key.base, y->key.base);
		for (int stage = 0; stage < VGIC_NR_STAGES; stage++) {
			assert_int_equal(x->lat[stage].count, y->lat[stage].count);
			assert_int_equal(x->lat[stage].sum_ns, y->lat[stage].sum_ns);
			assert_int_equal(x->lat[stage].max_ns, y->lat[stage].max_ns);
		}
	}
}

static void an_import_makes_a_recording(void **state)
{
	static const char text[] = "tests/ftrace/v4.1-gicv3-path-8x48-smp4.txt.gz";
	struct import_opts opts = { .per_vcpu = true, .per_device = true };
	struct recording *recording = must_make(text);
	struct import *import;
	struct sample *sample;
	size_t nr_facts;

	(void)state;
	assert_int_equal(import_ftrace__read(text, &opts, &import), 0);
	assert_string_equal(recording__info(recording)->source, "ftrace");
	assert_string_equal(recording__info(recording)->attach, "function_graph");
	assert_int_equal(recording__info(recording)->host.tick_ns, 16);
	recording__facts(recording, &nr_facts);
	assert_int_equal(nr_facts, import->nr_facts);
	assert_int_equal(recording__whole(recording, &sample), 0);
	assert_int_equal(sample__sort(sample), 0);
	assert_same_series(sample, import->sample);
	assert_int_equal(sample->begin_ns, import->sample->begin_ns);
	assert_int_equal(sample->end_ns, import->sample->end_ns);
	assert_int_equal(sample->stages, import->sample->stages);
	sample__free(sample);
	recording__close(recording);
	import_ftrace__free(import);
}

static void assert_readable(const char *text)
{
	char path[] = "/tmp/test-import-XXXXXX";
	struct sample *sample;
	struct recording *recording;
	int fd = mkstemp(path);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	recording = must_make(path);
	unlink(path);
	assert_int_equal(recording__whole(recording, &sample), 0);
	assert_int_equal(sample->nr_series, 1);
	sample__free(sample);
	recording__close(recording);
}

static void odd_recordings_are_readable(void **state)
{
	(void)state;
	/* The durations' greatest common divisor is no clock's tick. */
	assert_readable(" 0)               |  vgic_handle_mmio() {\n"
			" 0) @ 3600000000.0 us |    handle_mmio_misc();\n"
			" 0) @ 3600000000.0 us |  }\n");
	/* The frame before this one would lie before 0. */
	assert_readable(
		" vg-4 [000] 1.000001: kvm_mmio: mmio write len 4 gpa 0x100 val 0x0\n"
		" vg-4 [000] 1.000002: funcgraph_entry:            |  kvm_io_bus_write() {\n"
		" vg-4 [000] 1.000003: funcgraph_entry:            |    dispatch_mmio_write() {\n"
		" vg-4 [000] 1.000004: funcgraph_entry:   0.100 us |      "
		"handle_mmio_set_enable_reg_redist();\n"
		" vg-4 [000] 1.000005: funcgraph_exit:    0.900 us |    }\n"
		" vg-4 [000] 1.000006: funcgraph_exit:    1.900 us |  }\n");
}

static uint64_t nr_accesses(const struct sample *s)
{
	uint64_t nr = 0;

	for (size_t i = 0; i < s->nr_series; i++)
		nr += s->series[i].count;
	return nr;
}

/* Each has time of its own, between @least and @most accesses; all have what there was. */
static void assert_slices(const char *text, size_t nr_slices, uint64_t least, uint64_t most)
{
	struct recording *recording = must_make(text);
	struct sample *before = sample__new(), *now;
	size_t nr = 0;

	for (; recording__next(recording, &now) == 1; nr++) {
		uint64_t added = nr_accesses(now) - nr_accesses(before);

		if (added < least || added > most)
			fail_msg("%s: slice %zu has %ju accesses", text, nr, (uintmax_t)added);
		assert_true(now->attached_ns > before->attached_ns);
		assert_int_equal(now->attached_ns, now->end_ns - now->begin_ns);
		sample__free(before);
		before = now;
	}
	assert_int_equal(nr, nr_slices);
	sample__free(before);
	recording__close(recording);
}

static void recordings_have_slices(void **state)
{
	(void)state;
	assert_slices("tests/ftrace/v4.0-gicv2-path-ev-user-1x200-icount.txt.gz", 202, 1, 1);
	assert_slices("tests/ftrace/v4.0-gicv2-top-ev-1x20-icount.txt.gz", 22, 1, 1);
	assert_slices("tests/ftrace/v4.1-gicv3-path-8x48-smp4.txt.gz", 200, 2, 2);
	/* No times in them. */
	assert_slices("tests/ftrace/v4.0-gicv2-path-plain-1x200-icount.txt.gz", 202, 1, 1);
	assert_slices("tests/ftrace/v4.1-gicv2-path-plain-1x200-icount.txt.gz", 202, 1, 1);
}

/* @gap_ns between accesses: the ends of the slices, as numbers of accesses. */
static size_t cut(uint64_t nr, uint64_t gap_ns, uint64_t *least, uint64_t *most)
{
	struct ftrace_slices s;
	size_t nr_slices = 0;
	uint64_t last = 0, end_ns = 0;

	*least = UINT64_MAX;
	*most = 0;
	ftrace_slices__init(&s, nr, 0, nr * gap_ns + 1);
	for (uint64_t i = 1; i <= nr; i++) {
		if (!ftrace_slices__add(&s, i * gap_ns))
			continue;
		assert_true(s.last_ns > end_ns);
		end_ns = s.last_ns;
		*least = i - last < *least ? i - last : *least;
		*most = i - last > *most ? i - last : *most;
		last = i;
		nr_slices++;
	}
	assert_int_equal(last, nr);
	assert_int_equal(end_ns, nr * gap_ns + 1);
	return nr_slices;
}

static void slices_are_even(void **state)
{
	static const struct {
		uint64_t nr, gap_ns, slices, least, most;
	} cases[] = {
		{ 1, 5, 1, 1, 1 },
		{ 200, 5, 200, 1, 1 },
		{ 256, 5, 256, 1, 1 },
		{ 257, 5, 129, 1, 2 },
		{ 300, 5, 150, 2, 2 },
		{ 2000, 5, 250, 8, 8 },
		{ 100000, 5, 256, 390, 391 },
		{ 2000, 0, 1, 2000, 2000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t least, most;

		assert_int_equal(cut(cases[i].nr, cases[i].gap_ns, &least, &most), cases[i].slices);
		assert_int_equal(least, cases[i].least);
		assert_int_equal(most, cases[i].most);
	}
}

/* Two end in each microsecond. */
static void slices_wait_for_time(void **state)
{
	struct ftrace_slices s;
	size_t nr = 0;

	(void)state;
	ftrace_slices__init(&s, 100, 0, 51000);
	for (uint64_t i = 0; i < 100; i++)
		nr += ftrace_slices__add(&s, (i / 2 + 1) * 1000);
	assert_int_equal(nr, 51);
}

static void text_without_times_has_the_time_of_its_calls(void **state)
{
	struct import *import = must_import_text(" 0)               |  io_mem_abort() {\n"
						 " 0)               |    kvm_io_bus_read() {\n"
						 " 0)   1.000 us    |    }\n"
						 " 0)   2.500 us    |  }\n"
						 " 1)               |  io_mem_abort() {\n"
						 " 1)   1.000 us    |    kvm_io_bus_write();\n"
						 " 1)   1.500 us    |  }\n");

	(void)state;
	assert_int_equal(import->sample->attached_ns, 4000);
	assert_true(is_said(import, "rates mean nothing"));
	import_ftrace__free(import);
	import = must_import_text(" 0)  io_mem_abort() {\n 0)    kvm_io_bus_write();\n 0)  }\n");
	assert_int_equal(import->sample->attached_ns, 0);
	assert_true(is_said(import, "neither times nor durations"));
	import_ftrace__free(import);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings_have_their_counts),
		cmocka_unit_test(events_name_the_register),
		cmocka_unit_test(without_events_a_range_is_as_wide_as_its_handler),
		cmocka_unit_test(what_the_tracer_costs_is_taken_out),
		cmocka_unit_test(one_copied_with_short_reads_is_refused),
		cmocka_unit_test(trace_cmds_format_is_read),
		cmocka_unit_test(what_newer_kernels_add_is_read),
		cmocka_unit_test(calls_go_on_where_the_task_goes_on),
		cmocka_unit_test(events_alone_count),
		cmocka_unit_test(losses_are_said),
		cmocka_unit_test(what_is_no_such_text_is_refused),
		cmocka_unit_test(a_damaged_address_is_refused),
		cmocka_unit_test(time_is_bounded),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(damaged_text_is_refused_or_counted_right),
		cmocka_unit_test(no_access_gets_lost_in_silence),
		cmocka_unit_test(a_missing_handler_is_told),
		cmocka_unit_test(handlers_need_not_be_traced),
		cmocka_unit_test(an_import_makes_a_recording),
		cmocka_unit_test(odd_recordings_are_readable),
		cmocka_unit_test(recordings_have_slices),
		cmocka_unit_test(slices_are_even),
		cmocka_unit_test(slices_wait_for_time),
		cmocka_unit_test(text_without_times_has_the_time_of_its_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
