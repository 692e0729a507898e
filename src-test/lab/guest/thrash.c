/*
 * thrash FILE BYTES SECONDS ON_MS OFF_MS: writes a file and then, for that long, by turns reads it through mmap over and over for
 * ON_MS, loading a byte of each page, and sleeps for OFF_MS. In a cgroup smaller than the file each page has to be read again, and
 * room made for it: while it is on, the process waits for memory much of the time. Prints loads=....
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
	fprintf(stderr, "thrash: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void write_file(int fd, size_t bytes)
{
	static char piece[65536];
	memset(piece, 'x', sizeof piece);
	for (size_t done = 0; done < bytes; done += sizeof piece)
		if (write(fd, piece, sizeof piece) != (ssize_t)sizeof piece)
			fail("write");
	if (fsync(fd) != 0) /* clean pages can be taken away at any time */
		fail("fsync");
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		fprintf(stderr, "usage: thrash FILE BYTES SECONDS ON_MS OFF_MS\n");
		return 2;
	}
	size_t bytes = strtoull(argv[2], NULL, 10);
	double on = atof(argv[4]) / 1e3, off = atof(argv[5]) / 1e3;
	int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		fail(argv[1]);
	write_file(fd, bytes);
	const volatile char *map = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		fail("mmap");
	size_t page = sysconf(_SC_PAGESIZE), pages = bytes / page;
	unsigned long loads = 0, sum = 0;
	double end = now() + atof(argv[3]);
	while (now() < end) {
		double rest = now() + on;
		for (; now() < rest; loads++)
			sum += map[loads % pages * page];
		usleep(off * 1e6);
	}
	printf("loads=%lu\n", loads);
	return sum == 0; /* never: so the loads are needed */
}
