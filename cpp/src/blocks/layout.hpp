//! How blocks of steps lie in memory: rows of nodes, one row for each cosine, sine or factor.
#pragma once

#include <cstddef>
#include <cstring>

#include "../memory.hpp"
#include "../node_range.hpp"
#include "../parallel.hpp"

namespace resonance::detail {

//! Nodes whose sums are one partial sum, whoever takes them: see for_nodes.
inline constexpr std::ptrdiff_t kNodeChunk = 256;

constexpr std::ptrdiff_t chunks_of(std::ptrdiff_t n) { return (n + kNodeChunk - 1) / kNodeChunk; }

//! Elements between rows of nodes: whole groups of 128 bytes, and no multiple of a page, where rows would compete for
//! the same cache sets. What lies behind the last node is zero.
template <class Real>
constexpr std::ptrdiff_t row_stride(std::ptrdiff_t n) {
    constexpr std::size_t group = 2 * kVectorAlignment, page = 4096;
    std::size_t bytes = (static_cast<std::size_t>(n) * sizeof(Real) + group - 1) / group * group;
    if (bytes % page == 0) bytes += group;
    return static_cast<std::ptrdiff_t>(bytes / sizeof(Real));
}

template <class Real>
void clear_padding(Real* rows, std::ptrdiff_t count, std::ptrdiff_t n) noexcept {
    const std::ptrdiff_t stride = row_stride<Real>(n);
    for (std::ptrdiff_t row = 0; row < count; ++row)
        std::memset(rows + row * stride + n, 0, static_cast<std::size_t>(stride - n) * sizeof(Real));
}

//! All nodes.
template <class Real>
constexpr NodeRange all_nodes(std::ptrdiff_t n) noexcept {
    return {0, n, row_stride<Real>(n)};
}

//! Calls body(first, last, end) for parts of some nodes that begin at multiples of kNodeChunk from the first of them;
//! `end` is `last` but for the last part, where it is that of all.
template <class Body>
void for_nodes(const NodeRange& nodes, int threads, const Body& body) noexcept {
    for_row_ranges(nodes.count(), kNodeChunk, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        body(nodes.first + first, nodes.first + last, last == nodes.count() ? nodes.end : nodes.first + last);
    });
}

//! The same, chunk by chunk: body(first, last, end) with last - first <= kNodeChunk.
template <class Body>
void for_node_chunks(const NodeRange& nodes, int threads, const Body& body) noexcept {
    for_nodes(nodes, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) {
        for (std::ptrdiff_t begin = first; begin < last; begin += kNodeChunk) {
            const bool ends = begin + kNodeChunk >= last;
            body(begin, ends ? last : begin + kNodeChunk, ends ? end : begin + kNodeChunk);
        }
    });
}

}  // namespace resonance::detail
