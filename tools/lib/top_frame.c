// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The lines of vgic-top's screen. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "top_columns.h"
#include "top_ui.h"
#include "version.h"

#define HEADER_LINES 4
#define LIST_LINE HEADER_LINES /* the titles; the rows come behind them */

static const char help[] =
	"vgic-top " VERSION ": what accesses guests make to their GIC, and what they cost\n"
	"\n"
	"1 2 3 4 5      VMs, vCPUs, devices, register ranges, exits\n"
	"Up k, Down j   select a row; PgUp, PgDn, Home g, End G\n"
	"Enter          the row's latencies since then; again: back\n"
	"s, r           sort by the next column; the other way round\n"
	"f, /           only rows with a name like this: a part of it, or a glob\n"
	"Esc            all rows again; back\n"
	"p              pause, go on\n"
	"+, -           a longer, a shorter interval\n"
	"P              record from here on into a file; stop recording\n"
	"q              quit (so do Ctrl-C and SIGTERM)\n"
	"h, ?           this help; again: back\n"
	"\n"
	"RATE    accesses a second in the last interval     COUNT   in that interval\n"
	"TOTAL   since vgic-top began                       %USER   left to user space\n"
	"%CPU    of one CPU spent in emulation, without what vgic-top's hooks add\n"
	"LOOK50  ns to find the device on the bus: median   LOOK99  99th percentile\n"
	"DEV50   ns in the device                           BUS50   ns in all\n"
	"-       not known, or too few accesses for it\n";

static void print_time(FILE *out, uint64_t ns)
{
	if (ns % 1000000000)
		fprintf(out, "%" PRIu64 " ms", ns / 1000000);
	else
		fprintf(out, "%" PRIu64 " s", ns / 1000000000);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* What matters most comes first: a narrow terminal cuts the rest. */
static void print_host(FILE *out, const struct top_ui *ui)
{
	const struct view *view = ui->model->view;
	char host[VIEW_HOST_SZ];

	view__host(view->host, host);
	fputs("vgic-top, every ", out);
	print_time(out, ui->interval_ns);
	if (ui->model->is_paused)
		fputs("  PAUSED", out);
	if (ui->recording[0])
		fprintf(out, "  RECORDING %s", base_name(ui->recording));
	if (view->replay)
		fprintf(out, "  replay of %s%s", base_name(view->replay),
			ui->is_over ? ": END" : "");
	fprintf(out, "  Linux %s, %s\n", view->host->release, host);
}

static void print_nr(FILE *out, unsigned int nr, const char *what)
{
	fprintf(out, "%u %s%s", nr, what, nr == 1 ? "" : "s");
}

static void print_totals(FILE *out, const struct top_model *m)
{
	struct top_totals t = top_model__totals(m);

	print_nr(out, t.nr_vms, "VM");
	fputs(", ", out);
	print_nr(out, t.nr_vcpus, "vCPU");
	fprintf(out, "   %.0f/s in the kernel, %.0f/s to user space", t.kernel, t.user);
	if (!isnan(t.cpu))
		fprintf(out, "   emulation %.2f %%", t.cpu * 100);
	fputc('\n', out);
}

static uint64_t lost(const struct sample *s)
{
	uint64_t sum = s->recursion_misses + s->lost_exits;

	for (int i = 0; i < VGIC_NR_LOSSES; i++)
		sum += s->lost[i];
	return sum;
}

static void print_cost(FILE *out, const struct top_ui *ui)
{
	const struct top_model *m = ui->model;
	struct view_overhead o = { .is_known = false };
	char attach[128];

	if (m->view->plan)
		plan__summary(m->view->plan, attach, sizeof(attach));
	else
		snprintf(attach, sizeof(attach), "%s", m->view->attach ? m->view->attach : "-");
	fprintf(out, "%s by %s", m->view->profile, attach);
	if (m->sample)
		o = view__overhead(m->view, m->sample);
	if (o.is_known)
		fprintf(out, "   hooks %.2f %%", o.cpu * 100);
	if (!isnan(ui->own_cpu))
		fprintf(out, "   vgic-top %.1f %%", ui->own_cpu * 100);
	if (m->sample && m->sample->has_kvm_exits)
		fprintf(out, "   seen %" PRIu64 " of %" PRIu64, sample__seen(m->sample),
			sample__kvm_exits(m->sample));
	if (m->sample && lost(m->sample))
		fprintf(out, "   lost %" PRIu64, lost(m->sample));
	else
		fputs("   lost nothing", out);
	fputc('\n', out);
}

static void print_views(FILE *out, const struct top_ui *ui)
{
	const struct top_model *m = ui->model;

	for (int i = 0; i < TOP_NR_VIEWS; i++)
		fprintf(out, i == (int)m->shown ? "[%d %s]" : " %d %s ", i + 1, top_view__name(i));
	fprintf(out, "  by %s%s", m->sort[m->shown]->name, m->reverse[m->shown] ? " reversed" : "");
	if (m->filter[0])
		fprintf(out, "  like '%s'", m->filter);
	fputc('\n', out);
}

/* The first line and how many are such that the selected one is among them. */
static void scroll_to_selected(struct top_ui *ui, size_t nr)
{
	const struct top_model *m = ui->model;

	if (m->position < ui->first)
		ui->first = m->position;
	if (m->position >= ui->first + nr)
		ui->first = m->position - nr + 1;
	if (ui->first + nr > m->nr_order)
		ui->first = m->nr_order > nr ? m->nr_order - nr : 0;
}

static void print_nothing(FILE *out, const struct top_model *m)
{
	if (!m->nr_taken)
		fputs("\nthe first interval is under way\n", out);
	else if (m->filter[0])
		fprintf(out, "\nno row like '%s'; Esc shows all\n", m->filter);
	else if (m->shown == TOP_EXITS && !m->exit_seconds)
		fputs("\nno exits were counted so far\n", out);
	else if (!top_model__totals(m).nr_vms)
		fputs("\nno VM is running here: waiting for one\n", out);
	else
		fputs("\nno access so far\n", out);
}

static int print_list(FILE *out, struct top_ui *ui, const struct top_look *look)
{
	const struct top_model *m = ui->model;
	const size_t room = look->height - HEADER_LINES - 2;
	size_t nr;
	int err;

	scroll_to_selected(ui, room);
	nr = m->nr_order - ui->first < room ? m->nr_order - ui->first : room;
	err = top_list__print(out, m, ui->first, nr, look);
	if (!nr && !err)
		print_nothing(out, m);
	return err;
}

static void print_stage(FILE *out, const struct top_model *m, int stage)
{
	const struct lat *lat = &m->detail.lat[stage];
	struct view_figures f = view__figures(m->view, stage, lat);

	fprintf(out, "\n%s: mean %.0f ns", stage__name(stage), f.mean_ns);
	for (int i = 0; i < VIEW_NR_QUANTILES; i++)
		if (view__quantile_holds(lat, &view_quantiles[i]))
			fprintf(out, ", %s %" PRIu64, view_quantiles[i].title, f.quantile_ns[i]);
	fprintf(out, ", max %" PRIu64 "\n", f.max_ns);
	view__histogram(out, m->view, stage, lat);
}

/* The names of the opened row; its VM may be gone meanwhile. */
static void print_opened(FILE *out, const struct top_model *m)
{
	const struct top_row *row = top_table__find(&m->tables[m->detail.view], &m->detail.key);
	char text[TOP_CELL_SZ];

	for (size_t i = 0; row && top_column__get(i); i++) {
		const struct top_column *c = top_column__get(i);

		if (!top_column__is_in(c, m->detail.view) || !strcmp(c->name, "vm") ||
		    (c->unit != TOP_TEXT && strcmp(c->name, "vcpu")))
			continue;
		top_column__cell(c, m, row, text);
		fprintf(out, "%s%s ", c->unit == TOP_TEXT ? "" : "vCPU ", text);
	}
	if (!row)
		fputs("(gone) ", out);
}

static void print_detail(FILE *out, const struct top_model *m)
{
	const struct top_detail *d = &m->detail;
	bool any = false;

	print_opened(out, m);
	fprintf(out, "- %" PRIu64 " accesses in %.1f s; ns, Enter goes back\n", d->count,
		d->time_ns / 1e9);
	for (int stage = 0; stage < VGIC_NR_STAGES; stage++) {
		if (d->lat[stage].count)
			print_stage(out, m, stage);
		any |= d->lat[stage].count;
	}
	if (!any)
		fputs("\nno latencies so far\n", out);
}

static void print_bottom(FILE *out, const struct top_ui *ui)
{
	if (ui->prompt == TOP_ASK_FILTER)
		fprintf(out, "filter: %s_", ui->input);
	else if (ui->prompt == TOP_ASK_FILE)
		fprintf(out, "record into: %s_", ui->input);
	else if (ui->message[0])
		fputs(ui->message, out);
	else
		fputs("h help  q quit  1-5 view  s sort  r reverse  f filter  Enter open  p pause  "
		      "P record",
		      out);
}

/* What comes between the header and the bottom line. */
static int print_page(FILE *out, struct top_ui *ui, const struct top_look *look)
{
	if (ui->page == TOP_LIST)
		return print_list(out, ui, look);
	if (ui->page == TOP_HELP)
		fputs(help, out);
	else
		print_detail(out, ui->model);
	return 0;
}

static int print_all(FILE *out, struct top_ui *ui, const struct top_look *look)
{
	int err;

	if (look->width < TOP_MIN_WIDTH || look->height < TOP_MIN_HEIGHT) {
		fprintf(out, "too small: %ux%u\n%dx%d is the least\nq quits\n", look->width,
			look->height, TOP_MIN_WIDTH, TOP_MIN_HEIGHT);
		return 0;
	}
	print_host(out, ui);
	print_totals(out, ui->model);
	print_cost(out, ui);
	print_views(out, ui);
	err = print_page(out, ui, look);
	fputc('\0', out);
	print_bottom(out, ui);
	fputc('\n', out);
	return err;
}

static enum top_attr attr_of(const struct top_ui *ui, const struct top_look *look, size_t n)
{
	const struct top_model *m = ui->model;
	const size_t row = ui->first + n - LIST_LINE - 1;

	if (n == look->height - 1)
		return ui->message[0] ? TOP_ALERT : ui->prompt ? TOP_BOLD : TOP_DIM;
	if (n == 0)
		return ui->recording[0] ? TOP_ALERT : TOP_BOLD;
	if (ui->page != TOP_LIST || n < LIST_LINE)
		return TOP_PLAIN;
	if (n == LIST_LINE)
		return TOP_TITLE;
	if (row >= m->nr_order)
		return TOP_PLAIN;
	if (row == m->position)
		return TOP_SELECTED;
	return top_model__vm(m, top_model__row(m, row))->ended_for ? TOP_DIM : TOP_PLAIN;
}

/* The lines of a text that is longer than the screen, from where it is scrolled to. */
static char *skip(struct top_ui *ui, char *text, size_t room)
{
	size_t nr = 0;

	for (const char *s = text; *s; s++)
		nr += *s == '\n';
	if (ui->scroll + room > nr)
		ui->scroll = nr > room ? nr - room : 0;
	for (size_t i = 0; i < ui->scroll; i++)
		text = strchr(text, '\n') + 1;
	return text;
}

/* The next line of *@text, which is cut there; "" behind the last. */
static char *next_line(char **text)
{
	char *line = *text;

	*text += strcspn(line, "\n");
	if (**text)
		*(*text)++ = '\0';
	return line;
}

static int split(struct top_frame *frame, struct top_ui *ui, const struct top_look *look)
{
	char *text = frame->text, *bottom = text + strlen(text) + 1;
	const bool is_small = look->width < TOP_MIN_WIDTH || look->height < TOP_MIN_HEIGHT;

	frame->lines = calloc(look->height + 1, sizeof(*frame->lines));
	if (!frame->lines)
		return -ENOMEM;
	for (size_t n = 0; n < look->height; n++) {
		if (n == HEADER_LINES && !is_small && ui->page != TOP_LIST)
			text = skip(ui, text, look->height - HEADER_LINES - 1);
		if (n == look->height - 1 && !is_small)
			text = bottom;
		frame->lines[n].text = next_line(&text);
		frame->lines[n].attr = is_small ? TOP_PLAIN : attr_of(ui, look, n);
	}
	return 0;
}

int top_frame__make(struct top_frame *frame, struct top_ui *ui, const struct top_look *look)
{
	size_t size;
	FILE *out;
	int err;

	*frame = (struct top_frame){ .text = NULL };
	out = open_memstream(&frame->text, &size);
	if (!out)
		return -ENOMEM;
	err = print_all(out, ui, look);
	if (fclose(out))
		err = -ENOMEM;
	if (!err)
		err = split(frame, ui, look);
	if (err)
		top_frame__free(frame);
	return err;
}

void top_frame__free(struct top_frame *frame)
{
	free(frame->lines);
	free(frame->text);
	*frame = (struct top_frame){ .text = NULL };
}
