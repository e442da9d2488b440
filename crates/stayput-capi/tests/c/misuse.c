/* What no program should do. Most cases end the process: the harness knows how. */
#include "check.h"

#include <signal.h>

/* NULL where it may not be: a status, errno and words; nothing is written. */
static void null_pointers(void) {
  unsigned char source[4] = {1, 2, 3, 4};
  stayput_secret *secret;
  OK(stayput_secret_new(NULL, 4, &secret));
  stayput_status failed[] = {
      stayput_secret_new(NULL, 4, NULL),
      stayput_secret_take_from(NULL, NULL, 4, &secret),
      stayput_secret_take_from(NULL, source, 4, NULL),
      stayput_secret_read_file(NULL, &secret),
      stayput_secret_read_file("/dev/null", NULL),
      stayput_secret_resize(NULL, 4),
      stayput_secret_protection(NULL, &(stayput_protection){0}),
      stayput_secret_protection(secret, NULL),
      stayput_pool_new(NULL, NULL),
      stayput_pool_stats(NULL, NULL),
      stayput_pool_verify(NULL, NULL),
      stayput_guarded_new(4, STAYPUT_POLICY_REQUIRE, NULL),
      stayput_guarded_expose(NULL, &(const void *){NULL}),
      stayput_guarded_expose_mut(NULL, &(void *){NULL}),
      stayput_guarded_protect(NULL),
      stayput_guarded_protection(NULL, &(stayput_protection){0}),
      stayput_region_lock_new(NULL, 4, &(stayput_region_lock *){NULL}),
      stayput_region_lock_new(source, 4, NULL),
      stayput_secure_memory_protection(NULL, &(stayput_protection){0}),
      stayput_secure_memory_protection(source, NULL),
      stayput_budget_current(NULL),
      stayput_process_verify(NULL),
      stayput_lock_report_new(NULL, NULL),
      stayput_set_file_directory(NULL),
      stayput_lock_report_status(NULL, &(stayput_process_status){0}),
  };
  for (size_t number = 0; number < sizeof failed / sizeof *failed; number++)
    if (failed[number] != STAYPUT_ERROR_NULL_POINTER) {
      fprintf(stderr, "call %zu: status %d\n", number, (int)failed[number]);
      exit(1);
    }
  CHECK(is_filled(source + 3, 4, 1)); /* not wiped */
  errno = 0;
  CHECK(stayput_secret_data(NULL) == NULL && errno == EINVAL);
  CHECK(stayput_secret_const_data(NULL) == NULL);
  CHECK(stayput_secret_size(NULL) == 0 && stayput_guarded_size(NULL) == 0);
  CHECK(!stayput_secret_equal(secret, NULL) && !stayput_secret_equal(NULL, secret));
  CHECK(!stayput_equal(NULL, source, 4) && stayput_equal(NULL, NULL, 0));
  CHECK(stayput_lock_report_text(NULL) == NULL && stayput_lock_report_warnings(NULL) == 0);
  CHECK(strstr(stayput_last_error_text(), "is NULL") != NULL);
  stayput_secret_free(NULL);
  stayput_pool_free(NULL);
  stayput_guarded_free(NULL);
  stayput_region_lock_free(NULL);
  stayput_lock_report_free(NULL);
  stayput_wipe(NULL, 4);
  stayput_secret_free(secret);
}

/* Arguments without meaning. */
static void invalid_arguments(void) {
  CHECK(alloc_secure_memory((size_t)-1) == NULL && errno == EINVAL);
  CHECK(alloc_secure_memory((size_t)-1 / 2) == NULL && errno != 0);
  stayput_guarded *guarded = NULL;
  CHECK(stayput_guarded_new(0, 0, &guarded) == STAYPUT_ERROR_INVALID_ARGUMENT);
  CHECK(stayput_guarded_new(4, 77, &guarded) == STAYPUT_ERROR_INVALID_ARGUMENT);
  stayput_secret *secret = NULL;
  CHECK(stayput_secret_new(NULL, (size_t)-1, &secret) != STAYPUT_OK);
  stayput_pool *pool = NULL;
  stayput_pool_config config = {0};
  config.policy = 77;
  CHECK(stayput_pool_new(&config, &pool) == STAYPUT_ERROR_INVALID_ARGUMENT);
  CHECK(strstr(stayput_last_error_text(), "policy 77") != NULL);
  config.policy = 0;
  config.backing = 77;
  CHECK(stayput_pool_new(&config, &pool) == STAYPUT_ERROR_INVALID_ARGUMENT);
  config.backing = 0;
  config.reserved[4] = 1;
  CHECK(stayput_pool_new(&config, &pool) == STAYPUT_ERROR_INVALID_ARGUMENT);
  CHECK(stayput_secure_memory_set_policy(STAYPUT_POLICY_FILE_BACKED) ==
        STAYPUT_ERROR_INVALID_ARGUMENT); /* without a directory */
  CHECK(stayput_file_warning() == NULL);
  CHECK(stayput_set_file_directory("") == STAYPUT_ERROR_INVALID_ARGUMENT);
  CHECK(stayput_set_file_directory("\xff") == STAYPUT_ERROR_INVALID_ARGUMENT);
  CHECK(stayput_set_raising(2) == STAYPUT_ERROR_INVALID_ARGUMENT);
  CHECK(guarded == NULL && pool == NULL && secret == NULL);
}

static void double_free(void) {
  void *memory = alloc_secure_memory(32);
  free_secure_memory(memory, 32);
  free_secure_memory(memory, 32);
}

static void foreign_pointer(void) {
  void *heap = malloc(32);
  free_secure_memory(heap, 32);
}

static void interior_pointer(void) {
  char *memory = alloc_secure_memory(32);
  free_secure_memory(memory + 16, 16);
}

static void wrong_size(void) { free_secure_memory(alloc_secure_memory(32), 31); }

static void one_byte_behind(void) {
  char *memory = alloc_secure_memory(31);
  memory[31] = 0; /* as strcpy's NUL */
  free_secure_memory(memory, 31);
}

static void one_byte_before(void) {
  char *memory = alloc_secure_memory(32);
  memory[-1] = 0;
  free_secure_memory(memory, 32);
}

static void overflow(void) {
  volatile char *memory = alloc_secure_memory(32);
  memory[32] = 1;
}

static void underflow(void) {
  volatile char *memory = alloc_secure_memory(stayput_page_size());
  memory[-1] = 1;
}

static void read_after_free(void) {
  volatile char *memory = alloc_secure_memory(32);
  free_secure_memory((void *)memory, 32);
  printf("%d\n", memory[0]);
}

static void read_of_protected(void) {
  stayput_guarded *key;
  void *bytes;
  OK(stayput_guarded_new(32, STAYPUT_POLICY_REQUIRE, &key));
  OK(stayput_guarded_expose_mut(key, &bytes));
  OK(stayput_guarded_protect(key));
  printf("%d\n", *(volatile char *)bytes);
}

static void write_while_readable(void) {
  stayput_guarded *key;
  const void *bytes;
  OK(stayput_guarded_new(32, STAYPUT_POLICY_REQUIRE, &key));
  OK(stayput_guarded_expose(key, &bytes));
  *(volatile char *)bytes = 1;
}

static void guarded_written_before(void) {
  stayput_guarded *key;
  void *bytes;
  OK(stayput_guarded_new(32, STAYPUT_POLICY_REQUIRE, &key));
  OK(stayput_guarded_expose_mut(key, &bytes));
  ((volatile char *)bytes)[-1] = 1;
  OK(stayput_guarded_protect(key));
  stayput_guarded_free(key);
}

static void secret_double_free(void) {
  stayput_secret *secret;
  OK(stayput_secret_new(NULL, 32, &secret));
  stayput_secret_free(secret);
  stayput_secret_free(secret);
}

static void secret_use_after_free(void) {
  stayput_secret *secret;
  OK(stayput_secret_new(NULL, 32, &secret));
  stayput_secret_free(secret);
  stayput_secret_data(secret);
}

static void secret_foreign(void) {
  int other = 0;
  stayput_secret_free((stayput_secret *)(void *)&other);
}

static void pool_double_free(void) {
  stayput_pool *pool;
  OK(stayput_pool_new(NULL, &pool));
  stayput_pool_free(pool);
  stayput_pool_free(pool);
}

static void guarded_double_free(void) {
  stayput_guarded *guarded;
  OK(stayput_guarded_new(32, STAYPUT_POLICY_REQUIRE, &guarded));
  stayput_guarded_free(guarded);
  stayput_guarded_free(guarded);
}

static void region_double_free(void) {
  static char buffer[32];
  stayput_region_lock *lock;
  OK(stayput_region_lock_new(buffer, sizeof buffer, &lock));
  stayput_region_lock_free(lock);
  stayput_region_lock_free(lock);
}

static void report_of_freed(void) {
  void *memory = alloc_secure_memory(32);
  stayput_protection report;
  free_secure_memory(memory, 32);
  stayput_secure_memory_protection(memory, &report);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"null_pointers", null_pointers},
      {"invalid_arguments", invalid_arguments},
      {"double_free", double_free},
      {"foreign_pointer", foreign_pointer},
      {"interior_pointer", interior_pointer},
      {"wrong_size", wrong_size},
      {"one_byte_behind", one_byte_behind},
      {"one_byte_before", one_byte_before},
      {"overflow", overflow},
      {"underflow", underflow},
      {"read_after_free", read_after_free},
      {"read_of_protected", read_of_protected},
      {"write_while_readable", write_while_readable},
      {"guarded_written_before", guarded_written_before},
      {"secret_double_free", secret_double_free},
      {"secret_use_after_free", secret_use_after_free},
      {"secret_foreign", secret_foreign},
      {"pool_double_free", pool_double_free},
      {"guarded_double_free", guarded_double_free},
      {"region_double_free", region_double_free},
      {"report_of_freed", report_of_freed},
      {NULL, NULL},
  };
  return run_case(argc, argv, cases);
}
