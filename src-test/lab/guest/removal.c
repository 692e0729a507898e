/*
 * removal CGROUP FULL BELOW [REQUEST]: waits until the cgroup holds FULL bytes, writes REQUEST to its memory.reclaim if there is one,
 * waits until less than BELOW bytes are left, so that a reclaim is at work, ends all processes in the cgroup and removes it. Prints
 * held_us=..., how long rmdir(2) took, and left_bytes=..., what the cgroup still had; with a REQUEST also write_us=..., how long
 * the write of that took, and write_errno=...
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 60000

static void fail(const char *what)
{
	fprintf(stderr, "removal: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long long now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int open_in(const char *dir, const char *name, int flags)
{
	char path[1024];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	int fd = open(path, flags);
	if (fd < 0)
		fail(path);
	return fd;
}

/* The file's text, read from its beginning. */
static const char *text_of(int fd)
{
	static char text[512];
	ssize_t length = pread(fd, text, sizeof text - 1, 0);
	if (length < 0)
		fail("read");
	text[length] = 0;
	return text;
}

static void wait_for(int fd, int more, long long bytes)
{
	for (int ms = 0; more ? atoll(text_of(fd)) < bytes : atoll(text_of(fd)) >= bytes; ms++) {
		if (ms == PATIENCE_MS) {
			fprintf(stderr, "removal: usage is %lld and does not get to %lld\n", atoll(text_of(fd)), bytes);
			exit(1);
		}
		usleep(1000);
	}
}

/* A process of its own, which tells how it went once the write is over. */
static void ask(const char *dir, const char *request)
{
	int fd = open_in(dir, "memory.reclaim", O_WRONLY);
	pid_t pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		long long from = now_us();
		ssize_t written = write(fd, request, strlen(request));
		printf("write_us=%lld\nwrite_errno=%d\n", now_us() - from, written < 0 ? errno : 0);
		fflush(stdout);
		_exit(0);
	}
	close(fd);
}

static void end_processes(const char *dir)
{
	int kill = open_in(dir, "cgroup.kill", O_WRONLY), events = open_in(dir, "cgroup.events", O_RDONLY);
	if (write(kill, "1", 1) != 1)
		fail("cgroup.kill");
	while (!strstr(text_of(events), "populated 0"))
		usleep(100);
	close(kill);
	close(events);
}

int main(int argc, char **argv)
{
	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: removal CGROUP FULL BELOW [REQUEST]\n");
		return 2;
	}
	int current = open_in(argv[1], "memory.current", O_RDONLY);
	wait_for(current, 1, atoll(argv[2]));
	if (argc == 5)
		ask(argv[1], argv[4]);
	wait_for(current, 0, atoll(argv[3]));
	end_processes(argv[1]);
	long long left = atoll(text_of(current)), from = now_us();
	close(current);
	if (rmdir(argv[1]) != 0)
		fail("rmdir");
	printf("held_us=%lld\nleft_bytes=%lld\n", now_us() - from, left);
	fflush(stdout);
	while (wait(NULL) > 0)
		;
	return 0;
}
