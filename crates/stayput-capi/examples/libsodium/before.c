/* A program that keeps a key with libsodium: seals a message and opens it again.
 *
 *   cc before.c -lsodium && ./a.out KEYFILE    (32 bytes)
 *
 * sodium_malloc locks the key's pages if it can. If it can't, it says nothing.
 * after.c is the same program moved over. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "../locked.h"

enum { MESSAGE = 5, SEALED = MESSAGE + crypto_secretbox_MACBYTES };

int main(int argc, char **argv) {
  if (argc != 2 || sodium_init() < 0)
    return 2;
  unsigned char *key = sodium_malloc(crypto_secretbox_KEYBYTES);
  if (key == NULL) {
    perror("no memory for the key");
    return 1;
  }
  int file = open(argv[1], O_RDONLY | O_CLOEXEC);
  if (file < 0 || read(file, key, crypto_secretbox_KEYBYTES) != crypto_secretbox_KEYBYTES) {
    perror(argv[1]);
    return 1;
  }
  close(file);
  sodium_mprotect_noaccess(key);

  unsigned char nonce[crypto_secretbox_NONCEBYTES], sealed[SEALED], opened[MESSAGE];
  randombytes_buf(nonce, sizeof nonce);
  sodium_mprotect_readonly(key);
  crypto_secretbox_easy(sealed, (const unsigned char *)"hello", MESSAGE, nonce, key);
  int forged = crypto_secretbox_open_easy(opened, sealed, SEALED, nonce, key);
  sodium_mprotect_noaccess(key);

  printf("opened: %.*s\n", MESSAGE, forged ? "" : (const char *)opened);
  printf("key: %s\n", is_locked(key) ? "locked" : "NOT locked");
  sodium_free(key);
  return forged != 0;
}
