/* Several threads, and forks among them. */
#include "check.h"

#include <pthread.h>
#include <sys/wait.h>

enum { THREADS = 8, ROUNDS = 200 };

static void in_threads(void *(*body)(void *), void *shared) {
  pthread_t threads[THREADS];
  for (size_t number = 0; number < THREADS; number++)
    CHECK(pthread_create(&threads[number], NULL, body, shared) == 0);
  for (size_t number = 0; number < THREADS; number++)
    CHECK(pthread_join(threads[number], NULL) == 0);
}

static void *churn(void *unused) {
  for (size_t round = 0; round < ROUNDS; round++) {
    size_t size = 1 + round * 97 % 9000;
    unsigned char *memory = alloc_secure_memory(size);
    CHECK(memory != NULL && is_filled(memory, 0, size));
    memset(memory, 0xAB, size);
    stayput_secret *secret;
    OK(stayput_secret_new(NULL, size, &secret));
    CHECK(is_filled(stayput_secret_data(secret), 0, size));
    memset(stayput_secret_data(secret), 0xAB, size);
    CHECK(is_filled(memory, 0xAB, size));
    free_secure_memory(memory, size);
    stayput_secret_free(secret);
  }
  return unused;
}

static void each_its_own(void) { in_threads(churn, NULL); }

static void *read_value(void *shared) {
  for (size_t round = 0; round < ROUNDS; round++) {
    const void *bytes;
    OK(stayput_guarded_expose(shared, &bytes));
    CHECK(is_filled(bytes, 7, 32));
    OK(stayput_guarded_protect(shared));
  }
  return NULL;
}

static void one_guarded(void) {
  stayput_guarded *key;
  void *bytes;
  OK(stayput_guarded_new(32, STAYPUT_POLICY_REQUIRE, &key));
  OK(stayput_guarded_expose_mut(key, &bytes));
  memset(bytes, 7, 32);
  OK(stayput_guarded_protect(key));
  in_threads(read_value, key);
  CHECK(!has_flag(bytes, "rd"));
  stayput_guarded_free(key);
}

static void *fail(void *unused) {
  CHECK(stayput_last_error() == STAYPUT_OK); /* each thread has its own */
  CHECK(stayput_secret_resize(NULL, 1) == STAYPUT_ERROR_NULL_POINTER);
  CHECK(stayput_last_error() == STAYPUT_ERROR_NULL_POINTER);
  return unused;
}

static void own_errors(void) {
  CHECK(alloc_secure_memory(0) == NULL);
  in_threads(fail, NULL);
  CHECK(stayput_last_error() == STAYPUT_ERROR_INVALID_ARGUMENT);
}

/* A secret made in one thread, freed in another. */
static void *free_it(void *secret) {
  stayput_secret_free(secret);
  return NULL;
}

static void handed_over(void) {
  for (size_t round = 0; round < ROUNDS; round++) {
    stayput_secret *secret;
    OK(stayput_secret_new(NULL, 32, &secret));
    pthread_t other;
    CHECK(pthread_create(&other, NULL, free_it, secret) == 0);
    CHECK(pthread_join(other, NULL) == 0);
  }
}

static void *churn_for_ever(void *stop) {
  while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED)) {
    stayput_secret *secret;
    OK(stayput_secret_new(NULL, 5000, &secret));
    free_secure_memory(alloc_secure_memory(100), 100);
    stayput_secret_free(secret);
  }
  return NULL;
}

/* Children of a process whose threads are in the middle of everything. */
static void forks(void) {
  static int stop;
  unsigned char *inherited = alloc_secure_memory(100);
  memset(inherited, 7, 100);
  pthread_t busy[4];
  for (size_t number = 0; number < 4; number++)
    CHECK(pthread_create(&busy[number], NULL, churn_for_ever, &stop) == 0);
  for (size_t round = 0; round < 50; round++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      CHECK(is_filled(inherited, 0, 100));
      free_secure_memory(inherited, 100);
      unsigned char *own = alloc_secure_memory(100);
      CHECK(own != NULL && has_flag(own, "lo"));
      free_secure_memory(own, 100);
      stayput_secret *secret;
      OK(stayput_secret_new(NULL, 5000, &secret));
      stayput_secret_free(secret);
      _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (size_t number = 0; number < 4; number++)
    CHECK(pthread_join(busy[number], NULL) == 0);
  CHECK(is_filled(inherited, 7, 100));
  free_secure_memory(inherited, 100);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"each_its_own", each_its_own},
      {"one_guarded", one_guarded},
      {"own_errors", own_errors},
      {"handed_over", handed_over},
      {"forks", forks},
      {NULL, NULL},
  };
  return run_case(argc, argv, cases);
}
