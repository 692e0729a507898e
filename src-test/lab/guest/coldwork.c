/*
 * coldwork BYTES COLD PASS_MS SECONDS: fills BYTES of anonymous memory, of which COLD per cent are never used again; the others are
 * written to, a word in each page, once in PASS_MS. A third of each page is random, so that what compresses swap makes about a third of
 * it. Prints filled=1 once all is filled, and after SECONDS passes=..., p50_us=..., p99_us=... and worst_us=... of one pass.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096L
#define SECOND 1000000000LL

typedef long long ns_t;

static void fail(const char *what)
{
	fprintf(stderr, "coldwork: %s: %s\n", what, strerror(errno));
	exit(1);
}

static ns_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

static void sleep_until(ns_t when)
{
	struct timespec t = { when / SECOND, when % SECOND };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* SplitMix64 */
static unsigned long long draw(void)
{
	static unsigned long long state;
	unsigned long long z = state += 0x9e3779b97f4a7c15ULL;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void fill(char *at, size_t bytes)
{
	for (size_t page = 0; page < bytes; page += PAGE) {
		unsigned long long *word = (unsigned long long *)(at + page);
		for (long i = 0; i < PAGE / 3 / 8; i++)
			word[i] = draw();
		memset(word + PAGE / 3 / 8, 'x', PAGE - PAGE / 3 / 8 * 8);
	}
}

static int compare(const void *a, const void *b)
{
	ns_t x = *(const ns_t *)a, y = *(const ns_t *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: coldwork BYTES COLD PASS_MS SECONDS\n");
		return 2;
	}
	size_t bytes = strtoull(argv[1], NULL, 10) / PAGE * PAGE, hot = bytes * (100 - atol(argv[2])) / 100;
	ns_t every = atoll(argv[3]) * 1000000;
	long passes = atoll(argv[4]) * SECOND / every;
	ns_t *took = calloc(passes, sizeof *took);
	volatile char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!took || at == MAP_FAILED)
		fail("memory");
	if (madvise((void *)at, bytes, MADV_NOHUGEPAGE) != 0)
		fail("madvise");
	fill((char *)at, bytes);
	printf("filled=1\n");
	fflush(stdout);
	ns_t begin = now();
	for (long pass = 0; pass < passes; pass++) {
		sleep_until(begin + pass * every);
		ns_t from = now();
		for (size_t page = 0; page < hot; page += PAGE)
			at[page]++;
		took[pass] = now() - from;
	}
	qsort(took, passes, sizeof *took, compare);
	printf("passes=%ld\np50_us=%lld\np99_us=%lld\nworst_us=%lld\n", passes, took[passes / 2] / 1000, took[passes * 99 / 100] / 1000,
	       took[passes - 1] / 1000);
	return 0;
}
