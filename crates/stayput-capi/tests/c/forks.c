/* What a fork child finds, and what it can't do to its parent. */
#include "check.h"

#include <fcntl.h>
#include <sys/wait.h>

enum { SIZE = 100000, PAGES = 64 };

static void in_child(void (*body)(void *), void *argument) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    body(argument);
    _exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void look_and_free(void *memory) {
  CHECK(is_filled(memory, 0, SIZE));
  stayput_protection report;
  OK(stayput_secure_memory_protection(memory, &report));
  CHECK(report.locked.answer == STAYPUT_NO);
  memset(memory, 0xEE, SIZE); /* the child's own copy */
  free_secure_memory(memory, SIZE);
}

static void child_finds_zeros(void) {
  void *memory = alloc_secure_memory(SIZE);
  memset(memory, 7, SIZE);
  in_child(look_and_free, memory);
  CHECK(is_filled(memory, 7, SIZE) && has_flag(memory, "lo"));
  free_secure_memory(memory, SIZE);
}

static void look_at_secret(void *argument) {
  stayput_secret *secret = argument;
  CHECK(is_filled(stayput_secret_data(secret), 0, 32));
  stayput_secret_free(secret);
  OK(stayput_secret_new(NULL, 32, &secret));
  CHECK(has_flag(stayput_secret_data(secret), "lo"));
  memset(stayput_secret_data(secret), 0xEE, 32);
  stayput_secret_free(secret);
}

static void secrets(void) {
  stayput_secret *secret;
  OK(stayput_secret_new(NULL, 32, &secret));
  memset(stayput_secret_data(secret), 7, 32);
  in_child(look_at_secret, secret);
  CHECK(is_filled(stayput_secret_data(secret), 7, 32));
  CHECK(has_flag(stayput_secret_data(secret), "lo"));
  stayput_secret_free(secret);
}

static void look_at_guarded(void *guarded) {
  const void *bytes = NULL;
  CHECK(stayput_guarded_expose(guarded, &bytes) == STAYPUT_ERROR_INHERITED);
  CHECK(bytes == NULL && errno == EPERM);
  stayput_guarded_free(guarded);
}

static void guarded(void) {
  stayput_guarded *key;
  void *bytes;
  OK(stayput_guarded_new(32, STAYPUT_POLICY_REQUIRE, &key));
  OK(stayput_guarded_expose_mut(key, &bytes));
  memset(bytes, 7, 32);
  in_child(look_at_guarded, key); /* with the exposure on */
  OK(stayput_guarded_protect(key));
  in_child(look_at_guarded, key);
  const void *again;
  OK(stayput_guarded_expose(key, &again));
  CHECK(is_filled(again, 7, 32));
  stayput_guarded_free(key);
}

static void free_twice(void *memory) {
  free_secure_memory(memory, SIZE);
  free_secure_memory(memory, SIZE);
}

static void double_free_in_child(void) {
  void *memory = alloc_secure_memory(SIZE);
  pid_t child = fork();
  if (child == 0) {
    free_twice(memory);
    _exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == 6);
  free_secure_memory(memory, SIZE);
}

/* The page frames behind some memory, 0 for those that are not there. */
static void frames_of(const void *memory, uint64_t *frames) {
  size_t page = stayput_page_size();
  int pagemap = open("/proc/self/pagemap", O_RDONLY);
  CHECK(pagemap >= 0);
  size_t first = (size_t)memory / page;
  size_t count = ((size_t)memory + SIZE - 1) / page - first + 1;
  CHECK(count <= PAGES);
  memset(frames, 0, PAGES * sizeof *frames);
  CHECK(pread(pagemap, frames, count * sizeof *frames, (off_t)(first * sizeof *frames)) ==
        (ssize_t)(count * sizeof *frames));
  for (size_t number = 0; number < count; number++)
    frames[number] = frames[number] >> 63 ? frames[number] & ((1ULL << 55) - 1) : 0;
  close(pagemap);
}

/* Whether, while parent and child live, neither has a page that the other has, and none of
 * the parent's was moved. */
static bool own_frames_stay(unsigned char *memory) {
  uint64_t before[PAGES], after[PAGES], theirs[2][PAGES];
  frames_of(memory, before);
  CHECK(before[0] != 0);
  int up[2], down[2];
  CHECK(pipe(up) == 0 && pipe(down) == 0);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    char go;
    unsigned char *own = alloc_secure_memory(SIZE);
    CHECK(own != NULL && has_flag(own, "lo"));
    frames_of(own, theirs[0]);
    CHECK(is_filled(memory, 0, SIZE));
    memset(memory, 9, SIZE);
    frames_of(memory, theirs[1]);
    CHECK(theirs[0][0] != 0 && theirs[1][0] != 0);
    CHECK(write(up[1], theirs, sizeof theirs) == sizeof theirs);
    CHECK(read(down[0], &go, 1) == 1); /* lives until the parent has looked */
    _exit(0);
  }
  CHECK(read(up[0], theirs, sizeof theirs) == sizeof theirs);
  frames_of(memory, after);
  bool stay = memcmp(before, after, sizeof before) == 0;
  for (size_t mine = 0; mine < PAGES; mine++)
    for (size_t set = 0; set < 2; set++)
      for (size_t other = 0; other < PAGES; other++)
        stay = stay && (after[mine] == 0 || after[mine] != theirs[set][other]);
  CHECK(write(down[1], "g", 1) == 1);
  int status;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  CHECK(is_filled(memory, 7, SIZE));
  for (size_t end = 0; end < 2; end++)
    CHECK(close(up[end]) == 0 && close(down[end]) == 0);
  return stay;
}

/* A page that is shared or copied is so each time. What the kernel moves to make room for
 * huge pages, locked pages too, it moves seldom. */
static void no_frame_is_shared(void) {
  if (geteuid() != 0) {
    fputs("needs root: /proc/self/pagemap shows frames to CAP_SYS_ADMIN only\n", stderr);
    exit(SKIPPED);
  }
  unsigned char *memory = alloc_secure_memory(SIZE);
  memset(memory, 7, SIZE);
  bool stay = false;
  for (size_t round = 0; round < 5 && !stay; round++)
    stay = own_frames_stay(memory);
  CHECK(stay);
  free_secure_memory(memory, SIZE);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"child_finds_zeros", child_finds_zeros},
      {"secrets", secrets},
      {"guarded", guarded},
      {"double_free_in_child", double_free_in_child},
      {"no_frame_is_shared", no_frame_is_shared},
      {NULL, NULL},
  };
  return run_case(argc, argv, cases);
}
