/* Whether the kernel has the page of an address locked: for the examples to show. */
#ifndef LOCKED_H
#define LOCKED_H

#include <stdio.h>
#include <string.h>

static inline int is_locked(const void *address) {
  FILE *smaps = fopen("/proc/self/smaps", "r");
  char line[4096];
  int inside = 0, locked = 0;
  while (smaps && fgets(line, sizeof line, smaps)) {
    unsigned long start, end;
    if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
      inside = start <= (unsigned long)address && (unsigned long)address < end;
    else if (inside && strncmp(line, "VmFlags:", 8) == 0)
      locked = strstr(line, " lo") != NULL;
  }
  if (smaps)
    fclose(smaps);
  return locked;
}

#endif
