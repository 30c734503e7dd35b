#include "memory.hpp"

#include <cstdlib>
#include <cstring>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace resonance::detail {
namespace {
// Below this a block takes ordinary pages: rounding it up to huge ones would waste more than it gains.
constexpr std::size_t kHugePage = std::size_t{2} * 1024 * 1024;
constexpr std::size_t kHugePagesFrom = 4 * kHugePage;
}  // namespace

void* allocate(std::size_t bytes) noexcept {
    const std::size_t alignment = bytes >= kHugePagesFrom ? kHugePage : kVectorAlignment;
    // Never nothing: a null pointer means that there was no room.
    const std::size_t rounded = (bytes / kVectorAlignment + 1) * kVectorAlignment;
#if defined(_WIN32)
    void* memory = _aligned_malloc(rounded, alignment);
#else
    void* memory = nullptr;
    if (posix_memalign(&memory, alignment, rounded) != 0) memory = nullptr;
#endif
    if (memory == nullptr) return nullptr;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // A pass over a large W touches a new 4 KiB page every 512 values; with huge pages the TLB keeps up.
    if (alignment == kHugePage) madvise(memory, rounded, MADV_HUGEPAGE);
#endif
    return memory;
}

void* allocate_zeroed(std::size_t bytes) noexcept {
    void* memory = allocate(bytes);
    if (memory != nullptr) std::memset(memory, 0, bytes);
    return memory;
}

void* Scratch::reserve(std::size_t bytes) noexcept {
    if (bytes <= bytes_) return memory_;
    release(memory_);
    memory_ = allocate(bytes);
    bytes_ = memory_ == nullptr ? 0 : bytes;
    return memory_;
}

void release(void* memory) noexcept {
#if defined(_WIN32)
    _aligned_free(memory);
#else
    std::free(memory);
#endif
}

}  // namespace resonance::detail
