#include <cerrno>
#include <cstdlib>

#include "heap_counter.hpp"

#ifdef RESONANCE_COUNTS_HEAP
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

using resonance::test::heap_calls;
using resonance::test::memory_is_short;

// Seen by the libraries that the program loads, so that their calls count too.
#pragma GCC visibility push(default)
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) { return ++heap_calls, __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) { return ++heap_calls, __libc_calloc(count, size); }
void* realloc(void* old, std::size_t size) { return ++heap_calls, __libc_realloc(old, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) { return ++heap_calls, __libc_memalign(alignment, size); }
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
    ++heap_calls;
    if (memory_is_short) return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) {
    if (memory != nullptr) ++heap_calls;
    __libc_free(memory);
}
void* mmap(void* address, std::size_t length, int protection, int flags, int file, off_t offset) noexcept {
    ++heap_calls;
    return reinterpret_cast<void*>(syscall(SYS_mmap, address, length, protection, flags, file, offset));
}
int munmap(void* address, std::size_t length) noexcept {
    ++heap_calls;
    return static_cast<int>(syscall(SYS_munmap, address, length));
}
}
#pragma GCC visibility pop
#endif
