/* before.c, moved over: libsodium's cryptography on a key that stayput keeps.
 *
 *   cc after.c $(pkg-config --cflags --libs stayput) -lsodium && ./a.out KEYFILE
 *
 *   sodium_malloc             -> stayput_guarded_new: locked, or it says why not
 *   sodium_mprotect_readonly  -> stayput_guarded_expose, counted across threads
 *   sodium_mprotect_readwrite -> stayput_guarded_expose_mut
 *   sodium_mprotect_noaccess  -> stayput_guarded_protect
 *   sodium_free               -> stayput_guarded_free
 *
 * Besides, a fork child finds no key. */
#include <fcntl.h>
#include <sodium.h>
#include <stayput.h>
#include <stdio.h>
#include <unistd.h>

#include "../locked.h"

enum { MESSAGE = 5, SEALED = MESSAGE + crypto_secretbox_MACBYTES };

int main(int argc, char **argv) {
  if (argc != 2 || sodium_init() < 0)
    return 2;
  stayput_guarded *guarded;
  void *place;
  if (stayput_guarded_new(crypto_secretbox_KEYBYTES, STAYPUT_POLICY_REQUIRE, &guarded) ||
      stayput_guarded_expose_mut(guarded, &place)) {
    fprintf(stderr, "no memory for the key: %s\n", stayput_last_error_text());
    return 1;
  }
  int file = open(argv[1], O_RDONLY | O_CLOEXEC);
  if (file < 0 || read(file, place, crypto_secretbox_KEYBYTES) != crypto_secretbox_KEYBYTES) {
    perror(argv[1]);
    return 1;
  }
  close(file);
  stayput_guarded_protect(guarded);

  unsigned char nonce[crypto_secretbox_NONCEBYTES], sealed[SEALED], opened[MESSAGE];
  randombytes_buf(nonce, sizeof nonce);
  const void *key;
  if (stayput_guarded_expose(guarded, &key)) {
    fprintf(stderr, "%s\n", stayput_last_error_text());
    return 1;
  }
  crypto_secretbox_easy(sealed, (const unsigned char *)"hello", MESSAGE, nonce, key);
  int forged = crypto_secretbox_open_easy(opened, sealed, SEALED, nonce, key);
  stayput_guarded_protect(guarded);

  printf("opened: %.*s\n", MESSAGE, forged ? "" : (const char *)opened);
  printf("key: %s\n", is_locked(key) ? "locked" : "NOT locked");
  stayput_guarded_free(guarded);
  return forged != 0;
}
