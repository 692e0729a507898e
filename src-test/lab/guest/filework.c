/*
 * filework FILE BYTES CHUNK [TIMES]: writes a file with write(2) in pieces of CHUNK bytes, then reads it through mmap TIMES times
 * (default 1), loading a byte of each page. Prints write_ms=... and write_max=... ("max" in its cgroup's memory.events so far), then read_ms=..., each as
 * soon as it is known: a process killed in between leaves the first two.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "filework: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* At once and unbuffered: what is reported survives the process being killed. */
static void report(const char *name, long value)
{
	char line[64];
	int length = snprintf(line, sizeof line, "%s=%ld\n", name, value);
	if (write(1, line, length) != length)
		fail("stdout");
}

/* The cgroup's path comes from /proc/self/cgroup; cgroup2 is mounted where it always is. -1: not known. */
static long max_events(void)
{
	char path[512] = "", line[512];
	long max = -1;
	FILE *file = fopen("/proc/self/cgroup", "r");
	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, "0::", 3) == 0) {
			line[strcspn(line, "\n")] = 0;
			snprintf(path, sizeof path, "/sys/fs/cgroup%.400s/memory.events", line + 3);
		}
	if (file)
		fclose(file);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		sscanf(line, "max %ld", &max);
	if (file)
		fclose(file);
	return max;
}

static void write_file(int fd, size_t bytes, size_t chunk)
{
	char *piece = malloc(chunk);
	memset(piece, 'x', chunk);
	for (size_t done = 0; done < bytes; done += chunk)
		if (write(fd, piece, chunk) != (ssize_t)chunk)
			fail("write");
	free(piece);
}

static void read_mapped(int fd, size_t bytes, long times)
{
	long page = sysconf(_SC_PAGESIZE);
	const volatile char *map = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		fail("mmap");
	for (long time = 0; time < times; time++) {
		unsigned sum = 0;
		for (size_t at = 0; at < bytes; at += page)
			sum += map[at]; /* volatile: each page is really loaded */
		if (sum != (bytes / page) * 'x') {
			fprintf(stderr, "filework: the file does not hold what was written\n");
			exit(1);
		}
	}
	munmap((void *)map, bytes);
}

int main(int argc, char **argv)
{
	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: filework FILE BYTES CHUNK [TIMES]\n");
		return 2;
	}
	size_t bytes = strtoull(argv[2], NULL, 10), chunk = strtoull(argv[3], NULL, 10);
	int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		fail(argv[1]);
	double start = now_ms();
	write_file(fd, bytes, chunk);
	report("write_ms", now_ms() - start);
	report("write_max", max_events());
	start = now_ms();
	read_mapped(fd, bytes, argc == 5 ? atol(argv[4]) : 1);
	report("read_ms", now_ms() - start);
	return 0;
}
