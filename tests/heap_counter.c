// Preloaded into a Python process: counts what it asks of the heap.
#include <errno.h>
#include <stddef.h>

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);
extern void __libc_free(void*);

static _Atomic long calls;

long heap_calls(void) { return calls; }

void* malloc(size_t size) { return ++calls, __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return ++calls, __libc_calloc(count, size); }
void* realloc(void* old, size_t size) { return ++calls, __libc_realloc(old, size); }
void* aligned_alloc(size_t alignment, size_t size) { return ++calls, __libc_memalign(alignment, size); }
int posix_memalign(void** memory, size_t alignment, size_t size) {
    ++calls;
    *memory = __libc_memalign(alignment, size);
    return *memory == NULL ? ENOMEM : 0;
}
void free(void* memory) {
    if (memory != NULL) ++calls;
    __libc_free(memory);
}
