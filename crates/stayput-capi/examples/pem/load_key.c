/* Loads a private key from a PEM file as OpenSSL writes it, all of it in locked
 * memory: no FILE, whose buffer nobody wipes, and no copy elsewhere.
 *
 *   cc load_key.c $(pkg-config --cflags --libs stayput) && ./a.out key.pem
 *
 * Prints the size of the DER key and a checksum of its bytes. */
#include <fcntl.h>
#include <stayput.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../locked.h"

/* Reads the whole file into a new secret; NULL after a message. */
static stayput_secret *read_whole(const char *path) {
  stayput_secret *text;
  if (stayput_secret_read_file(path, &text) == STAYPUT_OK)
    return text;
  fprintf(stderr, "%s: %s\n", path, stayput_last_error_text());
  return NULL;
}

/* What a character of Base64 stands for, without a table or a branch that the
 * key's content could steer; negative for every other character. */
static int value_of(int c) {
  int value = -1;
  value += (((64 - c) & (c - 91)) >> 8) & (c - 64);  /* A-Z:  0 to 25 */
  value += (((96 - c) & (c - 123)) >> 8) & (c - 70); /* a-z: 26 to 51 */
  value += (((47 - c) & (c - 58)) >> 8) & (c + 5);   /* 0-9: 52 to 61 */
  value += (((42 - c) & (c - 44)) >> 8) & 63;        /* + */
  value += (((46 - c) & (c - 48)) >> 8) & 64;        /* / */
  return value;
}

/* Where the key's Base64 begins and ends; 0 if there is none. */
static int find_body(const char *text, size_t size, size_t *begin, size_t *end) {
  static const char BEGIN[] = "PRIVATE KEY-----", END[] = "-----END";
  size_t at = 0;
  while (at + sizeof BEGIN - 1 <= size && memcmp(text + at, BEGIN, sizeof BEGIN - 1) != 0)
    at++;
  *begin = at + sizeof BEGIN - 1;
  for (at = *begin; at + sizeof END - 1 <= size; at++)
    if (memcmp(text + at, END, sizeof END - 1) == 0) {
      *end = at;
      return 1;
    }
  return 0;
}

/* Decodes in place: what comes out is shorter than what went in. */
static size_t decode(unsigned char *text, size_t begin, size_t end) {
  uint32_t bits = 0;
  size_t count = 0, out = 0;
  for (size_t at = begin; at < end; at++) {
    int value = value_of(text[at]);
    if (value < 0)
      continue; /* line ends and padding */
    bits = bits << 6 | (uint32_t)value;
    if (++count % 4 != 1)
      text[out++] = (unsigned char)(bits >> (6 - 2 * ((count + 3) % 4)));
  }
  return out;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s KEY.pem\n", argv[0]);
    return 2;
  }
  stayput_secret *key = read_whole(argv[1]);
  if (key == NULL)
    return 1;
  unsigned char *bytes = stayput_secret_data(key);
  size_t begin, end;
  if (!find_body((const char *)bytes, stayput_secret_size(key), &begin, &end)) {
    fprintf(stderr, "%s: no private key in PEM\n", argv[1]);
    stayput_secret_free(key);
    return 1;
  }
  stayput_secret_resize(key, decode(bytes, begin, end)); /* wipes the rest */

  bytes = stayput_secret_data(key);
  unsigned long sum = 0;
  for (size_t at = 0; at < stayput_secret_size(key); at++)
    sum = (sum * 31 + bytes[at]) & 0xFFFFFFFF;
  printf("DER: %zu bytes, checksum %lu, %s\n", stayput_secret_size(key), sum,
         is_locked(bytes) ? "locked" : "NOT locked");
  stayput_secret_free(key);
  return 0;
}
