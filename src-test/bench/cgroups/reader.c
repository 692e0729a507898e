/*
 * reader [KEPT [SECONDS]]: what reading alone costs. Opens each file that stdin names, a path a line, keeps all of them open, and
 * every SECONDS, or every second, reads each from its start with one pread. Of more than KEPT files it keeps the first KEPT, and
 * opens and closes each other for each read. Says "ready files=N" once all that are kept are open. At SIGTERM it says how many ticks and bytes it
 * read, and how many ticks it had to leave out, and ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_BYTES 16384

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static void fail(const char *what)
{
	fprintf(stderr, "reader: %s: %s\n", what, strerror(errno));
	exit(1);
}

struct file {
	int descriptor;
	char *path; /* of one that is not kept */
};

static int open_file(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		fail(path);
	return descriptor;
}

/* What stdin names, the first so many of them opened. */
static struct file *open_all(size_t *count, size_t kept)
{
	size_t room = 0;
	struct file *files = NULL;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	*count = 0;
	while ((length = getline(&line, &size, stdin)) > 0) {
		if (line[length - 1] == '\n')
			line[length - 1] = 0;
		if (*count == room) {
			room = room ? 2 * room : 1024;
			files = realloc(files, room * sizeof *files);
			if (!files)
				fail("memory");
		}
		files[*count] = (struct file){ -1, NULL };
		if (*count < kept)
			files[*count].descriptor = open_file(line);
		else if (!(files[*count].path = strdup(line)))
			fail("memory");
		++*count;
	}
	free(line);
	return files;
}

static unsigned long long read_all(const struct file *files, size_t count)
{
	static char text[MOST_BYTES];
	unsigned long long bytes = 0;
	for (size_t i = 0; i < count; i++) {
		const char *path = files[i].path;
		int descriptor = path ? open_file(path) : files[i].descriptor;
		ssize_t got = pread(descriptor, text, sizeof text, 0);
		if (got < 0)
			fail("pread");
		bytes += got;
		if (path)
			close(descriptor);
	}
	return bytes;
}

static int before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

int main(int arguments, char **argument)
{
	unsigned long long bytes = 0, ticks = 0, missed = 0;
	struct timespec next, now;
	size_t count;
	long period = arguments > 2 ? strtol(argument[2], NULL, 10) : 1;
	if (period < 1) {
		fprintf(stderr, "reader: SECONDS is a number above 0, not \"%s\"\n", argument[2]);
		return 2;
	}
	struct file *files = open_all(&count, arguments > 1 ? strtoul(argument[1], NULL, 10) : SIZE_MAX);
	/* Without SA_RESTART: it ends the wait. */
	struct sigaction on_end = { .sa_handler = end };
	sigaction(SIGTERM, &on_end, NULL);
	printf("ready files=%zu\n", count);
	fflush(stdout);
	clock_gettime(CLOCK_MONOTONIC, &next);
	while (!ended) {
		bytes += read_all(files, count);
		ticks++;
		next.tv_sec += period;
		clock_gettime(CLOCK_MONOTONIC, &now);
		while (before(&next, &now)) {
			next.tv_sec += period;
			missed++;
		}
		while (!ended && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
			;
	}
	printf("ticks=%llu missed=%llu bytes=%llu\n", ticks, missed, bytes);
	return 0;
}
