// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "procfs.h"

long procfs__read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	while (len < size - 1 && n > 0) {
		n = read(fd, buf + len, size - 1 - len);
		if (n > 0)
			len += n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (n < 0)
		n = -errno;
	close(fd);
	buf[len] = '\0';
	return n < 0 ? n : (long)len;
}

/* Decodes one UTF-8 character (RFC 3629) at @s. Returns its length, 0 where there is none. */
static size_t utf8_decode(const unsigned char *s, size_t len, uint32_t *c)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (!n || s[0] > 0xf4 || n > len)
		return 0;
	*c = n == 1 ? s[0] : s[0] & (0xff >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (n > 1 && (*c < smallest[n] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff)))
		return 0;
	return n;
}

static bool is_printable(uint32_t c)
{
	static const uint32_t unprintable[][2] = {
		{ 0x00, 0x1f },     /* C0 */
		{ 0x7f, 0x9f },     /* DEL, C1 */
		{ 0x200e, 0x200f }, /* marks of direction */
		{ 0x2028, 0x202e }, /* separators, embeddings, overrides */
		{ 0x2066, 0x2069 }, /* isolates */
		{ 0xfeff, 0xfeff }, /* byte order mark */
	};

	for (size_t i = 0; i < sizeof(unprintable) / sizeof(unprintable[0]); i++)
		if (c >= unprintable[i][0] && c <= unprintable[i][1])
			return false;
	return true;
}

void procfs__printable(const char *text, size_t len, char *buf, size_t size)
{
	size_t in = 0, out = 0;

	while (in < len) {
		uint32_t c = 0;
		size_t n = utf8_decode((const unsigned char *)text + in, len - in, &c);
		bool good = n && is_printable(c);
		size_t need = good ? n : 1;

		if (out + need >= size)
			break;
		if (good)
			memcpy(buf + out, text + in, n);
		else
			buf[out] = '?';
		out += need;
		in += n ? n : 1;
	}
	buf[out] = '\0';
}

static bool begins(const char *s, size_t len, const char *with)
{
	return len >= strlen(with) && !memcmp(s, with, strlen(with));
}

static bool is(const char *s, size_t len, const char *what)
{
	return len == strlen(what) && !memcmp(s, what, len);
}

/*
 * One value in QEMU's option syntax: it ends at a comma, and ",," stands for a comma in it. Copies
 * at most *@n bytes to @out, stores how many, and returns how many of @s the value takes.
 */
static size_t qemu_value(const char *s, size_t len, char *out, size_t *n)
{
	size_t i, max = *n;

	for (i = 0, *n = 0; i < len; i++) {
		if (s[i] == ',' && (i + 1 == len || s[i + 1] != ','))
			return i;
		i += s[i] == ',';
		if (*n < max)
			out[(*n)++] = s[i];
	}
	return len;
}

/* "guest=NAME,key=value,..." or "NAME,key=value,...". */
static int qemu_name(const char *opts, size_t len, char *buf, size_t size)
{
	const char *equals = memchr(opts, '=', len), *comma = memchr(opts, ',', len);
	bool plain = !equals || (comma && comma < equals);

	for (size_t at = 0; at < len; plain = false) {
		char value[256];
		size_t n = sizeof(value);
		bool named = begins(opts + at, len - at, "guest=");

		at += named ? strlen("guest=") : 0;
		at += qemu_value(opts + at, len - at, value, &n) + 1;
		if ((named || plain) && n) {
			procfs__printable(value, n, buf, size);
			return 0;
		}
	}
	return -ENOENT;
}

int procfs__guest_name(const char *cmdline, size_t len, char *buf, size_t size)
{
	const char *end = cmdline + len, *arg, *next;
	bool is_next = false;

	for (arg = cmdline; arg < end; arg = next) {
		size_t n = strnlen(arg, end - arg);

		next = arg + n + 1;
		if (is_next)
			return qemu_name(arg, n, buf, size);
		if (arg == cmdline)
			continue;
		is_next = is(arg, n, "-name") || is(arg, n, "--name") || is(arg, n, "--id");
		if (begins(arg, n, "--name="))
			return qemu_name(arg + 7, n - 7, buf, size);
		if (begins(arg, n, "--id="))
			return qemu_name(arg + 5, n - 5, buf, size);
	}
	return -ENOENT;
}

int procfs__gic(const char *interrupts, char *buf, size_t size)
{
	const char *found = NULL;

	for (const char *p = interrupts; (p = strstr(p, "GIC")); p += 3) {
		bool is_word = p > interrupts && isspace((unsigned char)p[-1]);

		if (is_word && !strncmp(p, "GICv4", 5))
			found = p;
		else if (is_word && !found && (p[3] == 'v' || p[3] == '-'))
			found = p;
	}
	if (!found)
		return -ENOENT;
	if (found[3] == '-')
		snprintf(buf, size, "GICv2");
	else
		snprintf(buf, size, "%.*s", (int)strcspn(found, "- \t\n"), found);
	return 0;
}

int procfs__number(const char *text, uint64_t *value)
{
	unsigned long long v;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno)
		return -errno;
	if (*end && *end != '\n')
		return -EINVAL;
	*value = v;
	return 0;
}
