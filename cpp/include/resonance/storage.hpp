//! How much memory a network takes, as a constant expression: for static buffers.
#pragma once

#include <cstddef>
#include <limits>

namespace resonance::detail {

inline constexpr std::size_t kVectorAlignment = 64;

//! Bytes of `count` elements, rounded up to whole vectors.
template <class T>
constexpr std::size_t padded(std::size_t count) {
    return (count * sizeof(T) + kVectorAlignment - 1) / kVectorAlignment * kVectorAlignment;
}

//! Bytes of a row of weights. Rows whose distance is a multiple of the page size compete for the same cache sets, and
//! a store to one is mistaken for a store to the next: one more vector sets them apart.
template <class Real>
constexpr std::size_t row_bytes(std::size_t n) {
    constexpr std::size_t page = 4096;
    const std::size_t bytes = padded<Real>(n);
    return bytes % page == 0 ? bytes + kVectorAlignment : bytes;
}

//! Vectors of n elements that a state holds beside the weights.
inline constexpr std::size_t kDoubleVectors = 7, kRealVectors = 8, kFlagVectors = 2;

//! Room for what stands beside the arrays: the state's and the scratch's own members.
inline constexpr std::size_t kMemberBytes = 512;

//! Bytes of a state's vectors.
template <class Real>
constexpr std::size_t vector_bytes(std::size_t n) {
    return kDoubleVectors * padded<double>(n) + kRealVectors * padded<Real>(n) +
           kFlagVectors * padded<unsigned char>(n);
}

//! Bytes of the arrays of n nodes with n x n weights, or 0 where n < 1 or their number overflows.
template <class Real>
constexpr std::size_t state_bytes(std::ptrdiff_t n) {
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    if (n < 1) return 0;
    const auto count = static_cast<std::size_t>(n);
    // Far from overflow: a row, times the rows, times a little for the vectors.
    if (count > most / 1024 || row_bytes<Real>(count) > most / 4 / count) return 0;
    return count * row_bytes<Real>(count) + vector_bytes<Real>(count);
}

}  // namespace resonance::detail
