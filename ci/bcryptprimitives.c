/* The one function of bcryptprimitives.dll that Rust's std imports, for Wine 8. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID, ULONG); /* RtlGenRandom */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T len) {
  while (len) {
    ULONG part = len > 0x10000 ? 0x10000 : (ULONG)len;
    if (!SystemFunction036(bytes, part))
      return FALSE;
    bytes += part;
    len -= part;
  }
  return TRUE;
}
