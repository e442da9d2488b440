/* GCC 12's unwinder asks glibc 2.35's _dl_find_object where an address's unwind
   table is. musl has no such call; dl_iterate_phdr knows the same. */
#define _GNU_SOURCE
#include <link.h>

struct answer { /* struct dl_find_object of glibc's dlfcn.h on x86_64 */
  unsigned long long flags;
  void *map_start, *map_end, *link_map, *eh_frame;
  unsigned long long reserved[7];
};

struct question {
  ElfW(Addr) address;
  struct answer *answer;
};

static int look(struct dl_phdr_info *object, size_t size, void *data) {
  struct question *question = data;
  struct answer found = {0};
  (void)size;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[i];
    ElfW(Addr) start = object->dlpi_addr + part->p_vaddr;
    if (part->p_type == PT_GNU_EH_FRAME)
      found.eh_frame = (void *)start;
    if (part->p_type == PT_LOAD && question->address - start < part->p_memsz) {
      found.map_start = (void *)start;
      found.map_end = (void *)(start + part->p_memsz);
    }
  }
  if (!found.map_start || !found.eh_frame)
    return 0;
  *question->answer = found;
  return 1;
}

int _dl_find_object(void *address, struct answer *answer) {
  struct question question = {(ElfW(Addr))address, answer};
  return dl_iterate_phdr(look, &question) ? 0 : -1;
}
