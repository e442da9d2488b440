// Botan's allocator of secure vectors has C++ names only.
#include <botan/mem_ops.h>
#include <new>

extern "C" void *botan_shim_allocate(std::size_t len) noexcept {
  try {
    return Botan::allocate_memory(len, 1);
  } catch (const std::bad_alloc &) {
    return nullptr;
  }
}

extern "C" void botan_shim_release(void *start, std::size_t len) noexcept {
  Botan::deallocate_memory(start, len, 1);
}

extern "C" void botan_shim_wipe(void *start, std::size_t len) noexcept {
  Botan::secure_scrub_memory(start, len);
}
