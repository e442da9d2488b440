/* Locked memory in standard C, on any system that has the library: what is kept, how it
 * is protected, and what is said where too much is asked for.
 *
 *   cc portable.c $(pkg-config --cflags --libs stayput) && ./a.out
 */
#include <stayput.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int failed(const char *what) {
  fprintf(stderr, "%s: %s\n", what, stayput_last_error_text());
  return 1;
}

static const char *words(const stayput_protection_status *status) {
  if (status->answer == STAYPUT_NO)
    return status->reason;
  return status->answer == STAYPUT_YES ? "yes" : "not applicable";
}

int main(void) {
  stayput_secret *key, *copy;
  if (stayput_secret_new(NULL, 32, &key) || stayput_secret_new(NULL, 32, &copy))
    return failed("a key");
  memset(stayput_secret_data(key), 7, stayput_secret_size(key));
  memset(stayput_secret_data(copy), 7, stayput_secret_size(copy));
  printf("equal: %s\n", stayput_secret_equal(key, copy) ? "yes" : "no");
  stayput_protection protection;
  if (stayput_secret_protection(key, &protection))
    return failed("a report");
  printf("locked: %s\n", words(&protection.locked));
  stayput_secret_free(copy);
  stayput_secret_free(key);

  unsigned char *pages = alloc_secure_memory(10000);
  if (!pages)
    return failed("pages");
  memset(pages, 7, 10000);
  free_secure_memory(pages, 10000);

  stayput_guarded *guarded;
  void *place;
  if (stayput_guarded_new(32, STAYPUT_POLICY_REQUIRE, &guarded) ||
      stayput_guarded_expose_mut(guarded, &place))
    return failed("a guarded key");
  memset(place, 7, stayput_guarded_size(guarded));
  if (stayput_guarded_protect(guarded))
    return failed("a guarded key at rest");
  stayput_guarded_free(guarded);

  if (stayput_secret_new(NULL, SIZE_MAX / 4, &key) == STAYPUT_OK)
    return failed("more than there is was given");
  printf("too much: %s\n", stayput_status_text(stayput_last_error()));
  return 0;
}
