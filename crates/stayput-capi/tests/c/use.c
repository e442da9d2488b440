/* Each part of the interface as it is meant to be used. */
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>

static void check_locked(const void *memory) {
  CHECK(has_flag(memory, "lo"));
  CHECK(has_flag(memory, "dd"));
  CHECK(has_flag(memory, "wf"));
}

/* The calls that the seed's documentation shows, with its types. */
static void seed(void) {
  unsigned int size = 64;
  char *ptr;
  size_t before = locked_bytes();
  ptr = alloc_secure_memory(size);
  if (ptr) {
    check_locked(ptr);
    CHECK(locked_bytes() > before);
    strcpy(ptr, "a key");
    CHECK(strcmp(ptr, "a key") == 0);
    free_secure_memory(ptr, size);
    CHECK(locked_bytes() == before);
    return;
  }
  CHECK(!"memory could be had");
}

/* Far more than the seed's 20 KiB; every page present, none of them shared. */
static void sizes(void) {
  size_t page = stayput_page_size();
  size_t all[] = {1, 15, 16, 17, page - 1, page, page + 1, 20 * 1024 + 1, 1 << 20};
  for (size_t number = 0; number < sizeof all / sizeof *all; number++) {
    size_t size = all[number];
    unsigned char *memory = alloc_secure_memory(size);
    CHECK(memory != NULL);
    CHECK((size_t)memory % 16 == 0);
    CHECK(is_filled(memory, 0, size));
    check_locked(memory);
    check_locked(memory + size - 1);
    /* The end lies against the guard, as near as the alignment allows. */
    CHECK(((size_t)memory + (size + 15) / 16 * 16) % page == 0);
    unsigned char present[300];
    char *first = (char *)memory - (size_t)memory % page;
    size_t pages = ((char *)memory + size - first + page - 1) / page;
    CHECK(pages <= sizeof present);
    CHECK(mincore(first, pages * page, present) == 0);
    for (size_t at = 0; at < pages; at++)
      CHECK(present[at] & 1);
    memset(memory, 0xAB, size);
    free_secure_memory(memory, size);
    CHECK(mincore(first, page, present) == -1 && errno == ENOMEM); /* unmapped */
  }
}

static void protection(void) {
  void *memory = alloc_secure_memory(100);
  stayput_protection report;
  OK(stayput_secure_memory_protection(memory, &report));
  CHECK(report.locked.answer == STAYPUT_YES && report.locked.reason[0] == 0);
  CHECK(report.dump_excluded.answer == STAYPUT_YES);
  CHECK(report.fork.answer == STAYPUT_YES);
  CHECK(report.guarded.answer == STAYPUT_YES);
  CHECK(report.kernel_unmapped.answer == STAYPUT_NO);
  CHECK(strlen(report.kernel_unmapped.reason) > 10);
  CHECK(report.file_backed.answer == STAYPUT_NO);
  free_secure_memory(memory, 100);

  OK(stayput_secure_memory_set_policy(STAYPUT_POLICY_OFF));
  memory = alloc_secure_memory(100);
  CHECK(memory != NULL && !has_flag(memory, "lo") && has_flag(memory, "dd"));
  OK(stayput_secure_memory_protection(memory, &report));
  CHECK(report.locked.answer == STAYPUT_NO && strlen(report.locked.reason) > 3);
  free_secure_memory(memory, 100);
  CHECK(stayput_secure_memory_set_policy(99) == STAYPUT_ERROR_INVALID_ARGUMENT);
}

static void free_keeps_errno(void) {
  void *memory = alloc_secure_memory(10);
  errno = 1234;
  free_secure_memory(memory, 10);
  free_secure_memory(NULL, 10);
  free_secure_memory(NULL, 0);
  stayput_secret_free(NULL);
  CHECK(errno == 1234);
}

static void secrets(void) {
  stayput_secret *key, *same;
  OK(stayput_secret_new(NULL, 32, &key));
  CHECK(stayput_secret_size(key) == 32);
  unsigned char *data = stayput_secret_data(key);
  CHECK((size_t)data % 16 == 0);
  CHECK(is_filled(data, 0, 32));
  check_locked(data);
  memset(data, 7, 32);

  unsigned char source[32];
  memset(source, 7, sizeof source);
  OK(stayput_secret_take_from(NULL, source, sizeof source, &same));
  CHECK(is_filled(source, 0, sizeof source));
  CHECK(stayput_secret_equal(key, same));
  ((unsigned char *)stayput_secret_data(same))[31] = 8;
  CHECK(!stayput_secret_equal(key, same));
  CHECK(stayput_equal(stayput_secret_const_data(key), stayput_secret_const_data(same), 31));

  OK(stayput_secret_resize(key, 10000)); /* moves */
  data = stayput_secret_data(key);
  CHECK(stayput_secret_size(key) == 10000);
  CHECK(is_filled(data, 7, 32) && is_filled(data + 32, 0, 10000 - 32));
  check_locked(data);
  CHECK(!stayput_secret_equal(key, same)); /* of other sizes */
  OK(stayput_secret_resize(key, 16));
  CHECK(stayput_secret_size(key) == 16 && is_filled(data + 16, 0, 10000 - 16));
  OK(stayput_secret_resize(key, 32)); /* what was cut off does not come back */
  CHECK(is_filled((unsigned char *)stayput_secret_data(key) + 16, 0, 16));
  OK(stayput_secret_resize(key, 0));
  CHECK(stayput_secret_size(key) == 0);

  stayput_protection report;
  OK(stayput_secret_protection(same, &report));
  CHECK(report.locked.answer == STAYPUT_YES);
  stayput_secret_free(key);
  stayput_secret_free(same);
}

static void secret_files(void) {
  char path[] = "/tmp/stayput-capi-XXXXXX";
  int file = mkstemp(path);
  CHECK(file >= 0 && write(file, "from a file", 11) == 11);
  stayput_secret *secret;
  stayput_status status = stayput_secret_read_file(path, &secret);
  close(file);
  unlink(path);
  CHECK(status == STAYPUT_OK);
  CHECK(stayput_secret_size(secret) == 11);
  CHECK(memcmp(stayput_secret_data(secret), "from a file", 11) == 0);
  check_locked(stayput_secret_data(secret));
  stayput_secret_free(secret);
  secret = NULL;
  CHECK(stayput_secret_read_file("/nonexistent/key", &secret) == STAYPUT_ERROR_SYSTEM);
  CHECK(errno == ENOENT && secret == NULL);
}

static void pools(void) {
  stayput_pool_config config = {0};
  config.max_locked = 64 * 1024;
  stayput_pool *pool;
  OK(stayput_pool_new(&config, &pool));
  OK(stayput_pool_reserve(pool, 4096));
  stayput_pool_statistics stats;
  OK(stayput_pool_stats(pool, &stats));
  CHECK(stats.locked >= 4096 && stats.used == 0);

  /* 2,048 keys of 32 bytes fill 64 KiB to the last byte. */
  static stayput_secret *keys[2048];
  for (size_t number = 0; number < 2048; number++)
    OK(stayput_secret_new(pool, 32, &keys[number]));
  OK(stayput_pool_stats(pool, &stats));
  CHECK(stats.used == 64 * 1024 && stats.chunks_used == 2048 && stats.total == stats.locked);
  CHECK(locked_bytes() >= 64 * 1024);
  stayput_secret *one_more = NULL;
  CHECK(stayput_secret_new(pool, 32, &one_more) == STAYPUT_ERROR_POOL_LIMIT);
  CHECK(one_more == NULL && errno == ENOMEM);
  CHECK(strstr(stayput_last_error_text(), "max_locked") != NULL);

  size_t lapsed = 1;
  OK(stayput_pool_verify(pool, &lapsed));
  CHECK(lapsed == 0);
  OK(stayput_munlockall());
  OK(stayput_pool_verify(pool, &lapsed));
  CHECK(lapsed == 64 * 1024 && !has_flag(stayput_secret_data(keys[0]), "lo"));
  OK(stayput_pool_relock(pool));
  OK(stayput_pool_verify(pool, &lapsed));
  CHECK(lapsed == 0 && has_flag(stayput_secret_data(keys[0]), "lo"));

  for (size_t number = 0; number < 2048; number++)
    stayput_secret_free(keys[number]);
  CHECK(stayput_pool_trim(pool) == 64 * 1024);
  OK(stayput_secret_new(pool, 32, &one_more));
  stayput_pool_free(pool); /* the secret keeps the memory */
  check_locked(stayput_secret_data(one_more));
  stayput_secret_free(one_more);
}

static void secret_memory(void) {
  stayput_pool_config config = {0};
  config.backing = STAYPUT_BACKING_SECRET_MEM;
  stayput_pool *pool;
  stayput_secret *key;
  OK(stayput_pool_new(&config, &pool));
  stayput_status status = stayput_secret_new(pool, 32, &key);
  if (status == STAYPUT_ERROR_UNSUPPORTED) {
    fprintf(stderr, "%s\n", stayput_last_error_text());
    exit(SKIPPED);
  }
  CHECK(status == STAYPUT_OK);
  memset(stayput_secret_data(key), 7, 32);
  unsigned char copy[32];
  int memory = open("/proc/self/mem", O_RDONLY);
  CHECK(pread(memory, copy, 32, (off_t)(size_t)stayput_secret_data(key)) == -1);
  CHECK(errno == EIO || errno == EFAULT);
  close(memory);
  stayput_protection report;
  OK(stayput_secret_protection(key, &report));
  CHECK(report.kernel_unmapped.answer == STAYPUT_YES);
  stayput_secret_free(key);
  stayput_pool_free(pool);
}

static void guarded(void) {
  stayput_guarded *key;
  OK(stayput_guarded_new(32, STAYPUT_POLICY_REQUIRE, &key));
  CHECK(stayput_guarded_size(key) == 32);
  void *bytes;
  const void *first, *second;
  OK(stayput_guarded_expose_mut(key, &bytes));
  CHECK(is_filled(bytes, 0, 32));
  memset(bytes, 7, 32);
  check_locked(bytes);
  first = NULL;
  CHECK(stayput_guarded_expose(key, &first) == STAYPUT_ERROR_BUSY && errno == EBUSY);
  CHECK(first == NULL);
  OK(stayput_guarded_protect(key));
  CHECK(!has_flag(bytes, "rd") && has_flag(bytes, "lo"));

  OK(stayput_guarded_expose(key, &first));
  OK(stayput_guarded_expose(key, &second));
  CHECK(first == second && is_filled(first, 7, 32));
  CHECK(stayput_guarded_expose_mut(key, &bytes) == STAYPUT_ERROR_BUSY);
  OK(stayput_guarded_protect(key));
  CHECK(is_filled(first, 7, 32)); /* one exposure is left */
  CHECK(!has_flag(first, "wr"));
  OK(stayput_guarded_protect(key));
  CHECK(!has_flag(first, "rd"));
  CHECK(stayput_guarded_protect(key) == STAYPUT_ERROR_INVALID_ARGUMENT);

  stayput_protection report;
  OK(stayput_guarded_protection(key, &report));
  CHECK(report.locked.answer == STAYPUT_YES && report.guarded.answer == STAYPUT_YES);
  stayput_guarded_free(key);
}

static void regions(void) {
  size_t page = stayput_page_size();
  char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(pages != MAP_FAILED);
  stayput_region_lock *whole, *part, *none;
  OK(stayput_region_lock_new(pages, 2 * page, &whole));
  OK(stayput_region_lock_new(pages + 10, 20, &part));
  OK(stayput_region_lock_new(pages, 0, &none));
  CHECK(has_flag(pages, "lo") && has_flag(pages + page, "lo"));
  stayput_region_lock_free(whole);
  CHECK(has_flag(pages, "lo")); /* locks stack */
  CHECK(!has_flag(pages + page, "lo"));
  stayput_region_lock_free(part);
  CHECK(!has_flag(pages, "lo"));
  stayput_region_lock_free(none);
  munmap(pages, 2 * page);
}

static void raw_calls(void) {
  size_t page = stayput_page_size();
  char *pages = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(pages != MAP_FAILED);
  OK(stayput_mlock(pages + 1, 1));
  CHECK(has_flag(pages, "lo") && !has_flag(pages + page, "lo"));
  OK(stayput_munlock(pages, page));
  CHECK(!has_flag(pages, "lo"));
  OK(stayput_mlock2(pages, page, STAYPUT_MLOCK_ONFAULT));
  CHECK(has_flag(pages, "lf"));
  CHECK(stayput_mlock2(pages, page, 64) == STAYPUT_ERROR_INVALID_ARGUMENT && errno == EINVAL);
  OK(stayput_madvise_dontdump(pages + 2 * page, 1));
  CHECK(has_flag(pages + 2 * page, "dd") && !has_flag(pages + 3 * page, "dd"));
  OK(stayput_mlock(pages, 0));
  munmap(pages + page, page);
  CHECK(stayput_mlock(pages, 3 * page) == STAYPUT_ERROR_SYSTEM && errno == ENOMEM);
  CHECK(stayput_mlock(pages, (size_t)-1) == STAYPUT_ERROR_INVALID_ARGUMENT);
  OK(stayput_munlockall());
  CHECK(stayput_mlockall(0) == STAYPUT_ERROR_INVALID_ARGUMENT && errno == EINVAL);
  CHECK(stayput_mlockall(1024) == STAYPUT_ERROR_INVALID_ARGUMENT && errno == EINVAL);
  CHECK(strncmp(stayput_last_error_text(), "mlockall: ", 10) == 0);
  OK(stayput_mlockall(STAYPUT_MCL_CURRENT));
  CHECK(has_flag(pages, "lo"));
  OK(stayput_munlockall());
  CHECK(locked_bytes() == 0);
}

static void process(void) {
  CHECK(!stayput_process_is_locked());
  stayput_process_verification seen;
  OK(stayput_process_verify(&seen));
  CHECK(!seen.holds && seen.swappable > 0);
  OK(stayput_process_check(NULL));
  stayput_process_status status;
  OK(stayput_process_lock(NULL, &status));
  CHECK(status.outcome == STAYPUT_PROCESS_LOCKED && status.error == 0);
  CHECK(status.bytes_locked > 0 && stayput_process_is_locked());
  CHECK(has_flag(&status, "lo")); /* the stack */
  size_t before = locked_bytes(); /* reading it may need memory, which is locked too */
  size_t told = stayput_process_locked_bytes();
  CHECK(before <= told && told <= locked_bytes());
  OK(stayput_process_verify(&seen));
  CHECK(seen.holds && seen.swappable == 0 && seen.locked > 0);
  OK(stayput_process_unlock());
  CHECK(!has_flag(&status, "lo") && locked_bytes() == 0);

  stayput_process_config config = stayput_process_config_default();
  config.current = config.future = 0;
  OK(stayput_process_lock(&config, &status));
  CHECK(status.outcome == STAYPUT_PROCESS_LOCKED && status.bytes_locked == 0);
  config.future = 1;
  config.onfault = 1;
  stayput_lock_report *report;
  OK(stayput_lock_report_new(&config, &report));
  OK(stayput_lock_report_status(report, &status));
  CHECK(status.outcome == STAYPUT_PROCESS_LOCKED);
  CHECK(strncmp(stayput_lock_report_text(report), "locked (", 8) == 0);
  CHECK(stayput_lock_report_warning(report, stayput_lock_report_warnings(report)) == NULL);
  stayput_lock_report_free(report);
  char *later = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(later != MAP_FAILED && has_flag(later, "lf"));
  OK(stayput_process_unlock());
}

static void budget(void) {
  stayput_budget before, after;
  OK(stayput_budget_current(&before));
  CHECK(before.held == locked_bytes());
  void *memory = alloc_secure_memory(100);
  OK(stayput_budget_current(&after));
  CHECK(after.held == locked_bytes() && after.held > before.held);
  free_secure_memory(memory, 100);
}

static void words(void) {
  CHECK(strcmp(stayput_last_error_text(), "") == 0);
  CHECK(stayput_last_error() == STAYPUT_OK && stayput_last_error_errno() == 0);
  CHECK(alloc_secure_memory(0) == NULL && errno == EINVAL);
  CHECK(stayput_last_error() == STAYPUT_ERROR_INVALID_ARGUMENT);
  CHECK(stayput_last_error_errno() == EINVAL);
  CHECK(strstr(stayput_last_error_text(), "size is 0") != NULL);
  void *memory = alloc_secure_memory(1);
  CHECK(memory != NULL && strstr(stayput_last_error_text(), "size is 0") != NULL);
  free_secure_memory(memory, 1);
  stayput_clear_error();
  CHECK(stayput_last_error() == STAYPUT_OK && stayput_last_error_text()[0] == 0);
  for (int status = STAYPUT_OK; status <= STAYPUT_ERROR_NO_FILE; status++) {
    CHECK(strlen(stayput_status_text(status)) >= 4);
    CHECK(strcmp(stayput_status_text(status), stayput_status_text(-1)) != 0);
  }
  CHECK(stayput_status_text(1000) == stayput_status_text(-1));
  int major, minor, patch;
  CHECK(sscanf(stayput_version(), "%d.%d.%d", &major, &minor, &patch) == 3);
  char buffer[16];
  memset(buffer, 7, sizeof buffer);
  stayput_wipe(buffer, 8);
  CHECK(is_filled(buffer, 0, 8) && is_filled(buffer + 8, 7, 8));
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"seed", seed},
      {"sizes", sizes},
      {"protection", protection},
      {"free_keeps_errno", free_keeps_errno},
      {"secrets", secrets},
      {"secret_files", secret_files},
      {"pools", pools},
      {"secret_memory", secret_memory},
      {"guarded", guarded},
      {"regions", regions},
      {"raw_calls", raw_calls},
      {"process", process},
      {"budget", budget},
      {"words", words},
      {NULL, NULL},
  };
  return run_case(argc, argv, cases);
}
