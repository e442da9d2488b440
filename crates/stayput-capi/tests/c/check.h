/* What the tests in C share: checks, and what the kernel says about memory. */
#ifndef CHECK_H
#define CHECK_H

#include "stayput.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(condition)                                                              \
  do {                                                                                \
    if (!(condition)) {                                                               \
      fprintf(stderr, "%s:%d: not so: %s (last error: %s)\n", __FILE__, __LINE__,     \
              #condition, stayput_last_error_text());                                 \
      exit(1);                                                                        \
    }                                                                                 \
  } while (0)

#define OK(call) CHECK((call) == STAYPUT_OK)

/* How the harness learns that a case can't run here. */
enum { SKIPPED = 77 };

static inline int is_filled(const void *memory, unsigned char value, size_t size) {
  const unsigned char *bytes = memory;
  for (size_t at = 0; at < size; at++)
    if (bytes[at] != value)
      return 0;
  return 1;
}

/* Whether the mapping that holds the address has the flag ("lo": locked, "dd": not
 * dumped, "wf": wiped on fork, "rd": readable) in /proc/self/smaps. */
static inline int has_flag(const void *address, const char *flag) {
  FILE *smaps = fopen("/proc/self/smaps", "r");
  CHECK(smaps != NULL);
  char line[4096];
  int inside = 0, found = -1;
  while (found < 0 && fgets(line, sizeof line, smaps)) {
    unsigned long start, end;
    if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
      inside = start <= (unsigned long)address && (unsigned long)address < end;
    else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
      char wanted[8];
      snprintf(wanted, sizeof wanted, " %s ", flag);
      line[strcspn(line, "\n")] = ' ';
      found = strstr(line, wanted) != NULL;
    }
  }
  fclose(smaps);
  return found == 1;
}

/* VmLck in bytes. */
static inline size_t locked_bytes(void) {
  FILE *status = fopen("/proc/self/status", "r");
  CHECK(status != NULL);
  char line[256];
  unsigned long kibibytes = 0;
  while (fgets(line, sizeof line, status))
    if (sscanf(line, "VmLck: %lu kB", &kibibytes) == 1)
      break;
  fclose(status);
  return kibibytes * 1024;
}

struct test_case {
  const char *name;
  void (*body)(void);
};

/* Runs the case that the first argument names. */
static inline int run_case(int argc, char **argv, const struct test_case *cases) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s CASE\n", argv[0]);
    return 2;
  }
  for (; cases->name; cases++)
    if (strcmp(cases->name, argv[1]) == 0) {
      cases->body();
      printf("done: %s\n", argv[1]);
      return 0;
    }
  fprintf(stderr, "%s: no such case: %s\n", argv[0], argv[1]);
  return 2;
}

#endif
