//! Large aligned blocks of zeroed memory.
#pragma once

#include <cstddef>

namespace resonance::detail {

inline constexpr std::size_t kVectorAlignment = 64;

//! `bytes` of zeros, aligned to 64 bytes, on huge pages where they help; nullptr where there is no room.
void* allocate_zeroed(std::size_t bytes) noexcept;
void release(void* memory) noexcept;

}  // namespace resonance::detail
