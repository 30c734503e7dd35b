//! Some nodes that follow each other.
#pragma once

#include <cstddef>

namespace resonance::detail {

//! Nodes first .. last - 1. Rows of nodes are written up to `end`: where the last of all nodes is among them, that
//! covers the zeros behind it.
struct NodeRange {
    std::ptrdiff_t first, last, end;
    std::ptrdiff_t count() const noexcept { return last - first; }
    bool has(std::ptrdiff_t node) const noexcept { return node >= first && node < last; }
};

}  // namespace resonance::detail
