/*
 * play PLAN ROOT FILES: plays a scenario of the model on this kernel. PLAN is what scenarios/agreement/Plan.java makes of a scenario:
 * a line each for a cgroup, a workload and, after its workload, a step. Cgroups are made below ROOT, files in the folder FILES. Each
 * workload is a process in its cgroup; what a step means in system calls is told in docs/model.md.
 *
 * Prints a line a workload and, when the last has ended or the scenario's time is up, a line a cgroup with what the kernel
 * counted. Takes all it has made away again, cgroups and files.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_CGROUPS 32
#define MAX_WORKLOADS 64
#define MAX_STEPS 512
#define MAX_REGIONS 32
#define PAGE 4096L
#define SECOND 1000000000LL
/* A sleep of less costs an emulated CPU more than it is long; so much of its rate a workload may make up for. */
#define PACE_GRAIN (5 * SECOND / 1000)
/* How often pressure is looked at, and above which share of that time it counts. */
#define SAMPLE (SECOND / 10)
#define ABOVE (SAMPLE / 1000 / 100)

typedef long long ns_t;

struct cgroup {
	char path[256], max[32], high[32], low[32], min[32], swap_max[32];
	char dir[512];
	int pressure;
	long long some, full; /* totals, in us */
	ns_t above;
};

struct step {
	char kind[16], name[64], pattern[16], via[16], swappiness[16];
	long long bytes, chunk, times, window, shift, from, to, for_ns, every;
	double rate; /* bytes a second, 0: as fast as it goes */
};

struct workload {
	char name[64], cgroup[256];
	ns_t start, stop;
	long repeat;
	int cpu;
	unsigned long long random;
	int first, steps;
	pid_t pid;
	int status;
	ns_t ended;
};

struct region {
	char name[64];
	char *at;
	size_t bytes;
};

static struct cgroup cgroups[MAX_CGROUPS];
static struct workload workloads[MAX_WORKLOADS];
static struct step steps[MAX_STEPS];
static struct region regions[MAX_REGIONS];
static int n_cgroups, n_workloads, n_steps;
static const char *root, *files;
static ns_t duration, began;

static void fail(const char *what)
{
	fprintf(stderr, "play: %s: %s\n", what, strerror(errno));
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

/* ---- the plan ---- */

static void not_understood(const char *what)
{
	fprintf(stderr, "play: not understood: %s\n", what);
	exit(1);
}

/* One key=value of a step. */
static void read_key(struct step *step, const char *word)
{
	static const struct {
		const char *key;
		size_t at;
	} numbers[] = {
		{ "bytes", offsetof(struct step, bytes) },   { "chunk", offsetof(struct step, chunk) },
		{ "times", offsetof(struct step, times) },   { "window", offsetof(struct step, window) },
		{ "shift", offsetof(struct step, shift) },   { "from", offsetof(struct step, from) },
		{ "to", offsetof(struct step, to) },	     { "for", offsetof(struct step, for_ns) },
		{ "every", offsetof(struct step, every) },
	};
	char key[16], value[32];
	if (sscanf(word, "%15[a-z]=%31s", key, value) != 2)
		not_understood(word);
	if (!strcmp(key, "rate"))
		step->rate = atof(value);
	else if (!strcmp(key, "pattern"))
		snprintf(step->pattern, sizeof step->pattern, "%.15s", value);
	else if (!strcmp(key, "via"))
		snprintf(step->via, sizeof step->via, "%.15s", value);
	else if (!strcmp(key, "swappiness"))
		snprintf(step->swappiness, sizeof step->swappiness, "%.15s", value);
	else {
		for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
			if (!strcmp(key, numbers[i].key)) {
				*(long long *)((char *)step + numbers[i].at) = atoll(value);
				return;
			}
		not_understood(word);
	}
}

static void read_step_line(char *line)
{
	struct step *step = &steps[n_steps++];
	char *kind = strtok(line, " \n"), *name = strtok(NULL, " \n");
	if (!n_workloads || !kind || !name)
		not_understood(kind ? kind : line);
	snprintf(step->kind, sizeof step->kind, "%.15s", kind);
	snprintf(step->name, sizeof step->name, "%.63s", name);
	for (char *word; (word = strtok(NULL, " \n"));)
		read_key(step, word);
	workloads[n_workloads - 1].steps++;
}

static void read_plan(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[1024];
	if (!file)
		fail(path);
	while (fgets(line, sizeof line, file)) {
		if (n_cgroups == MAX_CGROUPS || n_workloads == MAX_WORKLOADS || n_steps == MAX_STEPS)
			not_understood("too long a plan");
		struct cgroup *group = &cgroups[n_cgroups];
		struct workload *work = &workloads[n_workloads];
		if (sscanf(line, "duration %lld", &duration) == 1 || strncmp(line, "swap ", 5) == 0)
			continue;
		if (sscanf(line, "cgroup %255s %31s %31s %31s %31s %31s", group->path, group->max, group->high, group->low, group->min,
			   group->swap_max) == 6) {
			n_cgroups++;
		} else if (sscanf(line, "workload %63s %255s %lld %lld %ld %d %llu", work->name, work->cgroup, &work->start, &work->stop,
				  &work->repeat, &work->cpu, &work->random) == 7) {
			work->first = n_steps;
			n_workloads++;
		} else {
			read_step_line(line);
		}
	}
	fclose(file);
}

/* ---- cgroups ---- */

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(path);
	close(fd);
}

static void set(const char *dir, const char *file, const char *value)
{
	char path[1024];
	snprintf(path, sizeof path, "%s/%s", dir, file);
	write_text(path, value);
}

/* mkdir -p below root; what lies between hands the controller on. */
static void make_dirs(const char *path)
{
	char dir[512];
	int length = snprintf(dir, sizeof dir, "%s", root);
	set(dir, "cgroup.subtree_control", "+memory");
	while (*path) {
		size_t part = strcspn(path, "/");
		length += snprintf(dir + length, sizeof dir - length, "/%.*s", (int)part, path);
		path += part;
		if (mkdir(dir, 0755) != 0 && errno != EEXIST)
			fail(dir);
		if (*path++ != '/')
			break;
		set(dir, "cgroup.subtree_control", "+memory");
	}
}

static void make_cgroups(void)
{
	for (struct cgroup *group = cgroups; group < cgroups + n_cgroups; group++) {
		char path[1024], *dir = group->dir;
		make_dirs(group->path);
		snprintf(group->dir, sizeof group->dir, "%.250s/%.255s", root, group->path);
		set(dir, "memory.max", group->max);
		set(dir, "memory.high", group->high);
		set(dir, "memory.low", group->low);
		set(dir, "memory.min", group->min);
		set(dir, "memory.swap.max", group->swap_max);
		snprintf(path, sizeof path, "%s/memory.pressure", dir);
		group->pressure = open(path, O_RDONLY);
		if (group->pressure < 0)
			fail(path);
	}
}

/* Deepest first: the plan has parents in any order. */
static void remove_cgroups(void)
{
	char command[600];
	snprintf(command, sizeof command, "find %s -mindepth 1 -depth -type d -exec rmdir {} +", root);
	for (int tries = 0; system(command) != 0; tries++) {
		if (tries == 50)
			fail("cgroups could not be removed");
		sleep_until(now() + SECOND / 10);
	}
}

/* ---- steps ---- */

struct pace {
	double next, rate;
};

static void keep_pace(struct pace *pace, long long bytes)
{
	if (pace->rate <= 0)
		return;
	ns_t at = now();
	pace->next += bytes * 1e9 / pace->rate;
	if (pace->next > at + PACE_GRAIN)
		sleep_until((ns_t)pace->next);
	else if (pace->next < at - PACE_GRAIN)
		pace->next = at - PACE_GRAIN;
}

static void file_path(char *path, size_t size, const char *name)
{
	int length = snprintf(path, size, "%s/%s", files, name);
	for (char *c = path + length - strlen(name); *c; c++)
		if (*c == '/')
			*c = '_';
}

static int open_file(struct step *step, int flags)
{
	char path[512];
	file_path(path, sizeof path, step->name);
	int fd = open(path, flags, 0600);
	if (fd < 0 && errno != ENOENT)
		fail(path);
	return fd;
}

/* From the file's beginning, or from its end. */
static void write_step(struct step *step, int whence)
{
	char *piece = malloc(step->chunk);
	struct pace pace = { now(), step->rate };
	int fd = open_file(step, O_RDWR | O_CREAT);
	if (lseek(fd, 0, whence) < 0)
		fail(step->name);
	memset(piece, 'x', step->chunk);
	for (long long done = 0; done < step->bytes;) {
		size_t n = step->bytes - done < step->chunk ? step->bytes - done : step->chunk;
		if (write(fd, piece, n) != (ssize_t)n)
			fail("write");
		done += n;
		keep_pace(&pace, n);
	}
	close(fd);
	free(piece);
}

static void sync_step(struct step *step)
{
	int fd = open_file(step, O_RDONLY);
	if (fd < 0)
		return;
	if (fsync(fd) != 0)
		fail(step->name);
	close(fd);
}

static unsigned long long random_state;

/* SplitMix64, the model's. */
static unsigned long long draw(void)
{
	unsigned long long z = random_state += 0x9e3779b97f4a7c15ULL;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static unsigned long long high64(unsigned long long a, unsigned long long b)
{
	return (unsigned __int128)a * b >> 64;
}

static long page_of(struct step *step, long i, long pages)
{
	if (!strcmp(step->pattern, "random"))
		return high64(draw(), pages);
	if (!strcmp(step->pattern, "skewed")) {
		unsigned long long u = draw();
		for (int time = 0; time < 3; time++)
			u = high64(u, u);
		return high64(u, pages);
	}
	return i;
}

typedef void access_fn(void *of, long page, long pass);

/* All accesses of a read or touch: windows, and in each as many passes as are wanted or as there is time for. */
static void go_through(struct step *step, long long bytes, access_fn *access, void *of)
{
	struct pace pace = { now(), step->rate };
	long long window = step->window && step->window < bytes ? step->window : bytes;
	long long shift = step->shift ? step->shift : window;
	long pages = (window + PAGE - 1) / PAGE;
	for (long long at = 0;; at = at + shift < bytes - window ? at + shift : bytes - window) {
		ns_t arrived = now();
		for (long pass = 0; step->times == 0 || pass < step->times; pass++)
			for (long i = 0; i < pages; i++) {
				if (step->for_ns && now() - arrived >= step->for_ns)
					goto next;
				access(of, at / PAGE + page_of(step, i, pages), pass);
				keep_pace(&pace, PAGE);
			}
next:
		if (at >= bytes - window)
			return;
	}
}

static volatile unsigned sum;

static void load(void *map, long page, long pass)
{
	(void)pass;
	sum += ((volatile char *)map)[page * PAGE];
}

static void read_page(void *fd, long page, long pass)
{
	static char data[PAGE];
	(void)pass;
	if (pread(*(int *)fd, data, PAGE, page * PAGE) < 0)
		fail("read");
}

static void read_step(struct step *step)
{
	struct stat stat;
	int fd = open_file(step, O_RDONLY);
	if (fd < 0)
		return;
	if (fstat(fd, &stat) != 0)
		fail(step->name);
	if (stat.st_size > 0 && !strcmp(step->via, "read")) {
		go_through(step, stat.st_size, read_page, &fd);
	} else if (stat.st_size > 0) {
		void *map = mmap(NULL, stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
		if (map == MAP_FAILED)
			fail("mmap");
		go_through(step, stat.st_size, load, map);
		munmap(map, stat.st_size);
	}
	close(fd);
}

static struct region *region_of(const char *name)
{
	struct region *empty = NULL;
	for (struct region *region = regions; region < regions + MAX_REGIONS; region++) {
		if (region->at && strcmp(region->name, name) == 0)
			return region;
		if (!region->at && !empty)
			empty = region;
	}
	if (!empty)
		fail("too many regions");
	snprintf(empty->name, sizeof empty->name, "%s", name);
	return empty;
}

static void free_step(struct step *step)
{
	struct region *region = region_of(step->name);
	if (region->at)
		munmap(region->at, region->bytes);
	region->at = NULL;
}

/* Each page gets something of its own: the same in all would be stored once, or not at all, by what compresses swap. */
static void store(void *at, long page, long pass)
{
	volatile unsigned long *word = (unsigned long *)((char *)at + page * PAGE);
	word[0] = page * 2654435761UL + pass + 1;
}

/* Its pages from there on, in order. */
static void fill(struct region *region, size_t from, struct step *step)
{
	struct pace pace = { now(), step->rate };
	for (size_t at = from; at < region->bytes; at += PAGE) {
		store(region->at, at / PAGE, 0);
		keep_pace(&pace, PAGE);
	}
}

static void allocate_step(struct step *step)
{
	free_step(step);
	struct region *region = region_of(step->name);
	region->bytes = (step->bytes + PAGE - 1) / PAGE * PAGE;
	region->at = mmap(NULL, region->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (region->at == MAP_FAILED)
		fail("mmap");
	madvise(region->at, region->bytes, MADV_NOHUGEPAGE);
	fill(region, 0, step);
}

static void grow_step(struct step *step)
{
	struct region *region = region_of(step->name);
	size_t before = region->bytes;
	if (!region->at) {
		allocate_step(step);
		return;
	}
	region->bytes += (step->bytes + PAGE - 1) / PAGE * PAGE;
	region->at = mremap(region->at, before, region->bytes, MREMAP_MAYMOVE);
	if (region->at == MAP_FAILED)
		fail("mremap");
	fill(region, before, step);
}

static void touch_step(struct step *step)
{
	struct region *region = region_of(step->name);
	if (region->at)
		go_through(step, region->bytes, store, region->at);
}

static long long counted(const char *dir, const char *file, const char *key)
{
	char path[1024], name[64];
	long long value, found = 0;
	snprintf(path, sizeof path, "%s/%s", dir, file);
	FILE *stat = fopen(path, "r");
	if (!stat)
		return 0;
	if (!*key && fscanf(stat, "%lld", &found) != 1)
		found = 0;
	while (*key && fscanf(stat, "%63s %lld", name, &value) == 2)
		if (strcmp(name, key) == 0) {
			found = value;
			break;
		}
	fclose(stat);
	return found;
}

/*
 * Has the kernel sum up its counts for memory.stat: it does so on a read only after so many changes, else every two seconds. Reading
 * a page of zeros over and over counts as faults and charges nothing. To be called by a process whose page tables are there.
 */
static void sum_up(char *zeros)
{
	for (int fault = 0; fault < 2048; fault++) {
		madvise(zeros, PAGE, MADV_DONTNEED);
		sum += *(volatile char *)zeros;
	}
}

static char *map_zeros(void)
{
	char *zeros = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (zeros == MAP_FAILED)
		fail("mmap");
	sum += *(volatile char *)zeros;
	return zeros;
}

/* In a cgroup that has none below it; in others no process may be. */
static void sum_up_in(const char *dir)
{
	char path[1024];
	char *zeros = map_zeros();
	snprintf(path, sizeof path, "%s/cgroup.procs", dir);
	int procs = open(path, O_WRONLY);
	pid_t pid = fork();
	if (pid == 0) {
		sum += *(volatile char *)zeros;
		if (write(procs, "0", 1) == 1)
			sum_up(zeros);
		_exit(0);
	}
	close(procs);
	if (pid < 0 || waitpid(pid, NULL, 0) < 0)
		fail("sum up");
	munmap(zeros, PAGE);
}

/* At once and unbuffered: what is reported survives the process being killed. */
static void report_line(const char *form, ...)
{
	char line[512];
	va_list values;
	va_start(values, form);
	int length = vsnprintf(line, sizeof line, form, values);
	va_end(values);
	if (write(1, line, length) != length)
		fail("stdout");
}

static void reclaim_step(struct step *step)
{
	char path[1024], request[64];
	const char *dir = NULL;
	for (struct cgroup *group = cgroups; group < cgroups + n_cgroups; group++)
		if (strcmp(group->path, step->name) == 0)
			dir = group->dir;
	if (!dir)
		fail("no such cgroup to reclaim from");
	sum_up_in(dir);
	long long scan = counted(dir, "memory.stat", "pgscan"), steal = counted(dir, "memory.stat", "pgsteal");
	snprintf(path, sizeof path, "%s/memory.reclaim", dir);
	snprintf(request, sizeof request, *step->swappiness ? "%lld swappiness=%s" : "%lld", step->bytes, step->swappiness);
	int fd = open(path, O_WRONLY);
	if (fd < 0)
		fail(path);
	ns_t from = now();
	int again = write(fd, request, strlen(request)) < 0;
	if (again && errno != EAGAIN)
		fail(path);
	ns_t to = now();
	close(fd);
	sum_up_in(dir);
	report_line("reclaim cgroup=%s asked=%lld again=%d pgscan=%lld pgsteal=%lld us=%lld\n", step->name, step->bytes / PAGE, again,
		    counted(dir, "memory.stat", "pgscan") - scan, counted(dir, "memory.stat", "pgsteal") - steal, (to - from) / 1000);
}

static void play_step(struct step *step)
{
	char path[512];
	file_path(path, sizeof path, step->name);
	if (!strcmp(step->kind, "write"))
		write_step(step, SEEK_SET);
	else if (!strcmp(step->kind, "append"))
		write_step(step, SEEK_END);
	else if (!strcmp(step->kind, "sync"))
		sync_step(step);
	else if (!strcmp(step->kind, "read"))
		read_step(step);
	else if (!strcmp(step->kind, "allocate"))
		allocate_step(step);
	else if (!strcmp(step->kind, "grow"))
		grow_step(step);
	else if (!strcmp(step->kind, "touch"))
		touch_step(step);
	else if (!strcmp(step->kind, "free"))
		free_step(step);
	else if (!strcmp(step->kind, "remove"))
		unlink(path);
	else if (!strcmp(step->kind, "sleep"))
		sleep_until(now() + step->from + (ns_t)(step->to > step->from ? high64(draw(), step->to - step->from + 1) : 0));
	else if (!strcmp(step->kind, "reclaim"))
		reclaim_step(step);
	else
		not_understood(step->kind);
}

/* The step behind the end of the repeat at first. */
static int after_repeat(int first)
{
	int depth = 0, i = first;
	do {
		depth += !strcmp(steps[i].kind, "repeat") - !strcmp(steps[i].kind, "end");
		i++;
	} while (depth > 0);
	return i;
}

static void play_steps(int first, int last);

/* A round begins while there are some left and there is time; with every, at a multiple of it since the first. */
static void repeat_steps(int first, int last, struct step *repeat)
{
	ns_t from = now(), begin = from;
	for (long round = 0; repeat->times == 0 || round < repeat->times; round++) {
		if (repeat->for_ns && begin - from >= repeat->for_ns)
			return;
		sleep_until(begin);
		play_steps(first, last);
		begin = now();
		if (repeat->every)
			begin = from + (begin - from + repeat->every - 1) / repeat->every * repeat->every;
	}
}

static void play_steps(int first, int last)
{
	for (int i = first; i < last;) {
		if (strcmp(steps[i].kind, "repeat")) {
			ns_t from = now();
			play_step(&steps[i]);
			report_line("step kind=%s name=%s us=%lld\n", steps[i].kind, steps[i].name, (now() - from) / 1000);
			i++;
			continue;
		}
		int after = after_repeat(i);
		repeat_steps(i + 1, after - 1, &steps[i]);
		i = after;
	}
}

/* ---- workloads ---- */

static void stop_at(ns_t when)
{
	ns_t left = when - now();
	struct itimerval timer = { .it_value = { left / SECOND, left % SECOND / 1000 + 1 } };
	if (setitimer(ITIMER_REAL, &timer, NULL) != 0) /* its signal ends the process */
		fail("setitimer");
}

static void run_workload(struct workload *work)
{
	char procs[1024];
	cpu_set_t cpus;
	CPU_ZERO(&cpus);
	CPU_SET(work->cpu, &cpus);
	if (sched_setaffinity(0, sizeof cpus, &cpus) != 0 && errno != EINVAL)
		fail("sched_setaffinity");
	snprintf(procs, sizeof procs, "%s/%s/cgroup.procs", root, work->cgroup);
	write_text(procs, "0");
	random_state = work->random;
	if (work->stop)
		stop_at(began + work->stop);
	sleep_until(began + work->start);
	for (long round = 0; round < work->repeat; round++)
		play_steps(work->first, work->first + work->steps);
	_exit(0);
}

static void start_workloads(void)
{
	fflush(NULL);
	for (struct workload *work = workloads; work < workloads + n_workloads; work++) {
		work->pid = fork();
		if (work->pid < 0)
			fail("fork");
		if (work->pid == 0)
			run_workload(work);
	}
}

static int reap(void)
{
	int status, left = 0;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (struct workload *work = workloads; work < workloads + n_workloads; work++)
			if (work->pid == pid) {
				work->ended = now();
				work->status = status;
			}
	for (struct workload *work = workloads; work < workloads + n_workloads; work++)
		left += !work->ended;
	return left;
}

static void sample_pressure(int count)
{
	for (struct cgroup *group = cgroups; group < cgroups + n_cgroups; group++) {
		char text[512];
		long long some, full;
		ssize_t length = pread(group->pressure, text, sizeof text - 1, 0);
		if (length <= 0)
			fail("memory.pressure");
		text[length] = 0;
		if (sscanf(text, "some %*s %*s %*s total=%lld full %*s %*s %*s total=%lld", &some, &full) != 2)
			fail(text);
		if (count && some - group->some > ABOVE)
			group->above += SAMPLE;
		group->some = some;
		group->full = full;
	}
}

static void watch(void)
{
	sample_pressure(0);
	for (ns_t tick = began + SAMPLE; tick <= began + duration; tick += SAMPLE) {
		sleep_until(tick);
		sample_pressure(1);
		if (reap() == 0)
			return;
	}
}

static void stop_workloads(void)
{
	for (struct workload *work = workloads; work < workloads + n_workloads; work++)
		if (!work->ended)
			kill(work->pid, SIGKILL);
	for (struct workload *work = workloads; work < workloads + n_workloads; work++) {
		int killed = work->ended && WIFSIGNALED(work->status) && WTERMSIG(work->status) == SIGKILL;
		if (work->ended && WIFEXITED(work->status) && WEXITSTATUS(work->status) != 0) {
			fprintf(stderr, "play: workload %s failed\n", work->name);
			exit(1);
		}
		printf("work name=%s ended_ms=%lld killed=%d\n", work->name, work->ended ? (work->ended - began) / 1000000 : -1, killed);
		if (!work->ended)
			waitpid(work->pid, NULL, 0);
	}
}

/* ---- figures ---- */

static int has_children(const char *dir)
{
	return counted(dir, "cgroup.stat", "nr_descendants") > 0;
}

static void report(void)
{
	static const char *events[] = { "max", "high", "low", "oom", "oom_kill" };
	static const char *stats[] = { "pgscan", "pgsteal", "pgscan_direct", "pgsteal_direct", "pgscan_proactive", "pgsteal_proactive",
				       "pgscan_kswapd", "pgrefill", "pgactivate", "pgdeactivate", "workingset_refault_anon",
				       "workingset_refault_file", "workingset_activate_anon", "workingset_activate_file",
				       "workingset_restore_anon", "workingset_restore_file", "pgfault", "pgmajfault",
				       "anon", "file", "kernel", "file_dirty", "inactive_anon", "active_anon", "inactive_file", "active_file" };
	for (struct cgroup *group = cgroups; group < cgroups + n_cgroups; group++) {
		printf("cgroup path=%s", group->path);
		for (size_t i = 0; i < sizeof events / sizeof *events; i++)
			printf(" %s=%lld", events[i], counted(group->dir, "memory.events", events[i]));
		printf(" swap_fail=%lld", counted(group->dir, "memory.swap.events", "fail"));
		printf(" swap=%lld", counted(group->dir, "memory.swap.current", ""));
		printf(" current=%lld", counted(group->dir, "memory.current", ""));
		if (!has_children(group->dir))
			sum_up_in(group->dir);
		for (size_t i = 0; i < sizeof stats / sizeof *stats; i++)
			printf(" %s=%lld", stats[i], counted(group->dir, "memory.stat", stats[i]));
		printf(" some_us=%lld full_us=%lld above_ms=%lld\n", group->some, group->full, group->above / 1000000);
	}
}

static void remove_files(void)
{
	for (struct step *step = steps; step < steps + n_steps; step++)
		if (!strcmp(step->kind, "write") || !strcmp(step->kind, "append")) {
			char path[512];
			file_path(path, sizeof path, step->name);
			if (unlink(path) != 0 && errno != ENOENT)
				fail(path);
		}
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: play PLAN ROOT FILES\n");
		return 2;
	}
	root = argv[2];
	files = argv[3];
	read_plan(argv[1]);
	make_cgroups();
	began = now() + SECOND / 10;
	start_workloads();
	sleep_until(began);
	watch();
	report();
	stop_workloads();
	remove_files();
	remove_cgroups();
	return 0;
}
