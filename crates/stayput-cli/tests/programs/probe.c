/* Processes with known memory, for `stayput inspect` and `stayput run` to look at.
 * Each prints a line when it is ready and ends with its standard input. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char *map(size_t len, int access, int flags)
{
    char *start = mmap(NULL, len, access, flags | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return start;
}

static void check(int result, const char *call)
{
    if (result != 0) {
        perror(call);
        exit(1);
    }
}

static void wait_for_end(void)
{
    fflush(stdout);
    while (getchar() != EOF)
        ;
}

/* 16 pages locked, of which 4 left out of dumps; then 16 that nobody may access. */
static void kinds(void)
{
    size_t page = sysconf(_SC_PAGESIZE);
    char *start = map(48 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    check(madvise(start, 4 * page, MADV_DONTDUMP), "madvise");
    check(mlock(start, 16 * page), "mlock");
    check(mprotect(start + 32 * page, 16 * page, PROT_NONE), "mprotect");
    printf("%lx\n", (unsigned long)start);
    wait_for_end();
}

/* A megabyte locked here and mapped in three children too. */
static void shared(void)
{
    size_t len = 1 << 20;
    char *start = map(len, PROT_READ | PROT_WRITE, MAP_SHARED);
    int ready[2];
    char byte;
    memset(start, 1, len);
    check(mlock(start, len), "mlock");
    check(pipe(ready), "pipe");
    for (int child = 0; child < 3; child++) {
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            memset(start, 2, len);
            if (write(ready[1], "!", 1) != 1)
                _exit(1);
            for (;;)
                pause();
        }
    }
    for (int child = 0; child < 3; child++)
        if (read(ready[0], &byte, 1) != 1)
            exit(1);
    printf("%lx\n", (unsigned long)start);
    wait_for_end();
}

/* Single pages, every other one read-only: neighbours that don't merge. */
static void many(size_t count)
{
    size_t page = sysconf(_SC_PAGESIZE);
    char *start = map(count * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE);
    for (size_t number = 0; number < count; number += 2)
        check(mprotect(start + number * page, page, PROT_READ), "mprotect");
    printf("%lx\n", (unsigned long)start);
    wait_for_end();
}

/* Memory of every kind that grows after `main` has begun. */
static void *idle(void *unused)
{
    pause();
    return unused;
}

static void grow(void)
{
    pthread_t thread;
    memset(malloc(64 << 10), 1, 64 << 10);
    memset(map(1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE), 1, 1 << 20);
    check(pthread_create(&thread, NULL, idle, NULL), "pthread_create");
    printf("grown\n");
    wait_for_end();
}

/* What `main`'s own environment, the C library and a child see of the preload. */
static void environment(char **variables)
{
    for (char **variable = variables; *variable != NULL; variable++)
        if (strncmp(*variable, "LD_PRELOAD", 10) == 0 || strncmp(*variable, "STAYPUT_", 8) == 0)
            printf("main: %s\n", *variable);
    if (getenv("LD_PRELOAD") != NULL || getenv("STAYPUT_RUN") != NULL)
        printf("getenv: set\n");
    fflush(stdout);
    check(system("env | grep -E '^(LD_PRELOAD|STAYPUT_RUN)=' | sed 's/^/child: /'"), "system");
}

static void locked(const char *who)
{
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmLck:", 6) == 0)
            printf("%s %s", who, strstr(line, " 0 kB") != NULL ? "unlocked\n" : "locked\n");
    fflush(stdout);
}

/* Before and after fork, and after the child's exec. */
static void family(const char *self)
{
    locked("parent");
    if (fork() == 0) {
        locked("fork");
        execl(self, self, "exec", (char *)NULL);
        _exit(1);
    }
    wait(NULL);
}

int main(int count, char **words, char **variables)
{
    const char *what = count > 1 ? words[1] : "";
    if (strcmp(what, "kinds") == 0)
        kinds();
    else if (strcmp(what, "shared") == 0)
        shared();
    else if (strcmp(what, "many") == 0 && count > 2)
        many(strtoul(words[2], NULL, 10));
    else if (strcmp(what, "grow") == 0)
        grow();
    else if (strcmp(what, "environment") == 0)
        environment(variables);
    else if (strcmp(what, "family") == 0)
        family(words[0]);
    else if (strcmp(what, "exec") == 0)
        locked("exec");
    else
        return 2;
    return 0;
}
