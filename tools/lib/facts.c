// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "facts.h"

#define MAX_BYTES (64 * 1024)
#define MAX_LINES 1000

struct facts {
	char path[PATH_MAX];
	int fd;
};

int facts__new(struct facts **out)
{
	const char *folder = getenv("TMPDIR");
	struct facts *f = calloc(1, sizeof(*f));
	int err = -ENOMEM;

	*out = NULL;
	if (!f)
		return err;
	snprintf(f->path, sizeof(f->path), "%s/vgic-facts.XXXXXX",
		 folder && folder[0] ? folder : "/tmp");
	f->fd = mkostemp(f->path, O_CLOEXEC);
	if (f->fd < 0) {
		err = -errno;
		free(f);
		return err;
	}
	if (setenv(FACTS_VARIABLE, f->path, 1)) {
		facts__free(f);
		return err;
	}
	*out = f;
	return 0;
}

static bool is_name(const char *name)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789_.@+-";
	size_t len = strlen(name);

	return len && len < sizeof(((struct recording_fact *)NULL)->name) &&
	       strspn(name, good) == len;
}

/* "NAME VALUE", and nothing else. */
static bool parse(char *line, const char **name, double *value)
{
	char *space = strchr(line, ' '), *end;

	if (!space)
		return false;
	*space = '\0';
	*name = line;
	*value = strtod(space + 1, &end);
	return is_name(line) && end != space + 1 && !*end && isfinite(*value);
}

static int facts__parse(char *text, int (*fn)(void *arg, const char *name, double value), void *arg,
			unsigned int *nr_bad)
{
	unsigned int nr = 0;
	const char *name;
	double value;
	int err = 0;

	for (char *line; !err && (line = strsep(&text, "\n"));) {
		if (!line[0])
			continue;
		if (nr++ < MAX_LINES && parse(line, &name, &value))
			err = fn(arg, name, value);
		else
			++*nr_bad;
	}
	return err;
}

int facts__each(struct facts *f, int (*fn)(void *arg, const char *name, double value), void *arg,
		unsigned int *nr_bad)
{
	char *text = malloc(MAX_BYTES + 2);
	ssize_t nr;
	int err;

	*nr_bad = 0;
	if (!text)
		return -ENOMEM;
	nr = pread(f->fd, text, MAX_BYTES + 1, 0);
	err = nr < 0 ? -errno : 0;
	if (!err && nr > MAX_BYTES) {
		++*nr_bad;
		nr = MAX_BYTES;
	}
	/* A NUL ends a line early, which is then no fact. */
	for (ssize_t i = 0; i < nr; i++)
		text[i] = text[i] ?: '?';
	if (!err) {
		text[nr] = '\0';
		err = facts__parse(text, fn, arg, nr_bad);
	}
	free(text);
	return err;
}

void facts__free(struct facts *f)
{
	if (!f)
		return;
	unsetenv(FACTS_VARIABLE);
	unlink(f->path);
	close(f->fd);
	free(f);
}

int facts__tell(const char *name, double value)
{
	const char *path = getenv(FACTS_VARIABLE);
	char line[128];
	int fd, nr, err = 0;

	if (!path)
		return 0;
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	nr = snprintf(line, sizeof(line), "%s %.17g\n", name, value);
	if (write(fd, line, nr) != nr)
		err = -EIO;
	close(fd);
	return err;
}
