//! Counts what a program asks of the heap and of the system's memory: every call of malloc and its kin, free, mmap and
//! munmap, from wherever in the program it comes. operator new ends in malloc.
#pragma once

#include <atomic>

// Clang says it in its own way.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RESONANCE_HEAP_OF_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RESONANCE_HEAP_OF_SANITIZER
#endif

// glibc's own functions stand behind the counting ones; sanitizers bring theirs and are left alone.
#if defined(__GLIBC__) && !defined(RESONANCE_HEAP_OF_SANITIZER)
#define RESONANCE_COUNTS_HEAP
#endif

namespace resonance::test {

inline std::atomic<long> heap_calls{0};
inline bool memory_is_short = false;  //!< while true, aligned memory can't be had

}  // namespace resonance::test
