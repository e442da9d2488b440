/* Without CAP_IPC_LOCK, under limits that the harness sets. */
#include "check.h"

#include <sys/wait.h>

#define MIB (1024 * 1024)

static void check_words(stayput_status status, int number, const char *cause) {
  CHECK(errno == number);
  CHECK(stayput_last_error() == status && stayput_last_error_errno() == number);
  CHECK(strstr(stayput_last_error_cause(), cause) != NULL);
  CHECK(strlen(stayput_last_error_remedy()) > 20);
  CHECK(strstr(stayput_last_error_text(), stayput_last_error_cause()) != NULL);
  CHECK(strstr(stayput_last_error_text(), stayput_last_error_remedy()) != NULL);
  puts(stayput_last_error_text());
}

/* Soft and hard limit: 64 KiB. */
static void over_the_limit(void) {
  CHECK(alloc_secure_memory(MIB) == NULL);
  check_words(STAYPUT_ERROR_LIMIT, ENOMEM, "RLIMIT_MEMLOCK");
  CHECK(strstr(stayput_last_error_cause(), "limit 65536 bytes") != NULL);
  CHECK(strstr(stayput_last_error_cause(), "needed 1048576 bytes") != NULL);
  CHECK(locked_bytes() == 0); /* nothing is left of the attempt */
  stayput_secret *secret = NULL;
  CHECK(stayput_secret_new(NULL, MIB, &secret) == STAYPUT_ERROR_LIMIT && secret == NULL);
  check_words(STAYPUT_ERROR_LIMIT, ENOMEM, "RLIMIT_MEMLOCK");
  static char buffer[MIB];
  stayput_region_lock *lock = NULL;
  CHECK(stayput_region_lock_new(buffer, sizeof buffer, &lock) == STAYPUT_ERROR_LIMIT);
  check_words(STAYPUT_ERROR_LIMIT, ENOMEM, "RLIMIT_MEMLOCK");
  stayput_guarded *guarded = NULL;
  CHECK(stayput_guarded_new(MIB, STAYPUT_POLICY_REQUIRE, &guarded) == STAYPUT_ERROR_LIMIT);
  CHECK(lock == NULL && guarded == NULL);
  stayput_budget budget;
  OK(stayput_budget_current(&budget));
  CHECK(budget.soft == 65536 && budget.hard == 65536 && budget.available == 65536);
  CHECK(budget.capability == STAYPUT_CAPABILITY_ABSENT);
  /* What fits is still to be had. */
  void *memory = alloc_secure_memory(32 * 1024);
  CHECK(memory != NULL && has_flag(memory, "lo"));
  OK(stayput_budget_current(&budget));
  CHECK(budget.available == 32 * 1024);
  free_secure_memory(memory, 32 * 1024);
}

static void preferred(void) {
  OK(stayput_secure_memory_set_policy(STAYPUT_POLICY_PREFER));
  char *memory = alloc_secure_memory(MIB);
  CHECK(memory != NULL && !has_flag(memory, "lo") && has_flag(memory, "dd"));
  stayput_protection report;
  OK(stayput_secure_memory_protection(memory, &report));
  CHECK(report.locked.answer == STAYPUT_NO && strstr(report.locked.reason, "refused") != NULL);
  memset(memory, 7, MIB);
  free_secure_memory(memory, MIB);
}

/* Past the limit, in a file of the directory that this runs in. */
static void file_backed(void) {
  OK(stayput_set_file_directory("/nonexistent/directory"));
  OK(stayput_secure_memory_set_policy(STAYPUT_POLICY_FILE_BACKED));
  CHECK(alloc_secure_memory(MIB) == NULL && stayput_last_error() == STAYPUT_ERROR_NO_FILE);
  CHECK(strstr(stayput_last_error_text(), "/nonexistent/directory") != NULL);

  char here[4096];
  CHECK(getcwd(here, sizeof here) != NULL);
  OK(stayput_set_file_directory(here));
  CHECK(strstr(stayput_file_warning(), here) != NULL);
  unsigned char *memory = alloc_secure_memory(MIB);
  if (memory == NULL) {
    fputs(stayput_last_error_text(), stderr);
    CHECK(strstr(stayput_last_error_text(), "memory") != NULL);
    exit(SKIPPED);
  }
  stayput_protection report;
  OK(stayput_secure_memory_protection(memory, &report));
  CHECK(report.file_backed.answer == STAYPUT_YES && report.locked.answer == STAYPUT_NO);
  CHECK(is_filled(memory, 0, MIB) && !has_flag(memory, "lo") && has_flag(memory, "dd"));
  CHECK(has_flag(memory, "sh")); /* the file's own pages */
  memset(memory, 7, MIB);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    free_secure_memory(memory, MIB); /* no part of the child */
    _exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  CHECK(is_filled(memory, 7, MIB));
  free_secure_memory(memory, MIB);

  stayput_guarded *key;
  OK(stayput_guarded_new(MIB, STAYPUT_POLICY_FILE_BACKED, &key));
  OK(stayput_guarded_protection(key, &report));
  CHECK(report.file_backed.answer == STAYPUT_YES);
  stayput_guarded_free(key);
}

/* A growth that is refused leaves the secret as it was. */
static void refused_growth(void) {
  stayput_secret *secret;
  OK(stayput_secret_new(NULL, 32, &secret));
  unsigned char *data = stayput_secret_data(secret);
  memset(data, 7, 32);
  CHECK(stayput_secret_resize(secret, MIB) == STAYPUT_ERROR_LIMIT);
  CHECK(stayput_secret_size(secret) == 32 && stayput_secret_data(secret) == data);
  CHECK(is_filled(data, 7, 32));
  stayput_secret_free(secret);
}

static void process(void) {
  CHECK(stayput_process_lock(NULL, NULL) == STAYPUT_ERROR_LIMIT);
  check_words(STAYPUT_ERROR_LIMIT, ENOMEM, "RLIMIT_MEMLOCK");
  CHECK(stayput_process_check(NULL) == STAYPUT_ERROR_LIMIT);
  stayput_process_config config = stayput_process_config_default();
  config.required = 0;
  stayput_lock_report *report;
  stayput_process_status status;
  OK(stayput_lock_report_new(&config, &report));
  OK(stayput_lock_report_status(report, &status));
  CHECK(status.outcome == STAYPUT_PROCESS_FAILED && status.error == ENOMEM);
  CHECK(strstr(stayput_lock_report_text(report), "RLIMIT_MEMLOCK") != NULL);
  stayput_lock_report_free(report);
  CHECK(locked_bytes() == 0);
}

/* A limit of 0. */
static void not_permitted(void) {
  CHECK(alloc_secure_memory(1) == NULL);
  check_words(STAYPUT_ERROR_PERMISSION, EPERM, "CAP_IPC_LOCK");
}

/* Soft 64 KiB, hard 8 MiB. */
static void raised(void) {
  OK(stayput_set_raising(STAYPUT_RAISING_FORBIDDEN));
  CHECK(alloc_secure_memory(MIB) == NULL && errno == ENOMEM);
  uint64_t from = 1, to = 1;
  CHECK(!stayput_raised(&from, &to) && from == 1 && to == 1);
  OK(stayput_set_raising(STAYPUT_RAISING_ALLOWED));
  void *memory = alloc_secure_memory(MIB);
  CHECK(memory != NULL && has_flag(memory, "lo"));
  CHECK(stayput_raised(&from, &to) && from == 65536 && to == 8 * MIB);
  CHECK(stayput_raised(NULL, NULL));
  free_secure_memory(memory, MIB);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"over_the_limit", over_the_limit},
      {"preferred", preferred},
      {"file_backed", file_backed},
      {"refused_growth", refused_growth},
      {"process", process},
      {"not_permitted", not_permitted},
      {"raised", raised},
      {NULL, NULL},
  };
  return run_case(argc, argv, cases);
}
