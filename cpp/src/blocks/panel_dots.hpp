//! Dot products of rows of nodes with the columns of a panel, over the nodes of all ranks.
#pragma once

#include <algorithm>

#include "../all_ranks.hpp"
#include "../kernels/kernels.hpp"
#include "layout.hpp"
#include "panel.hpp"

namespace resonance::detail {

//! Sums are taken chunk by chunk and then added in order, so their bits do not depend on the number of threads.
template <class Real>
class PanelDots {
public:
    //! Numbers of scratch for so many nodes.
    static constexpr std::size_t size(std::ptrdiff_t nodes) noexcept {
        return static_cast<std::size_t>(chunks_of(nodes) * kRowsAtOnce * kMostColumns);
    }

    //! `n`: all nodes; `nodes`: the rank's own.
    PanelDots(std::ptrdiff_t n, const NodeRange& nodes, int threads, Real* scratch) noexcept
        : n_(n), nodes_(nodes), threads_(threads), partial_(scratch) {}

    //! dots (count, panel.columns) of `count` rows of nodes with the columns.
    void take(const Real* rows, std::ptrdiff_t count, const Panel<Real>& panel, AllRanks& ranks,
              double* dots) const noexcept {
        for (std::ptrdiff_t first = 0; first < count; first += kRowsAtOnce)
            take_some(rows + first * row_stride<Real>(n_), std::min(kRowsAtOnce, count - first), panel,
                      dots + first * panel.columns);
        ranks.sum(dots, count * panel.columns);
    }

private:
    static constexpr std::ptrdiff_t kRowsAtOnce = 64;

    void take_some(const Real* rows, std::ptrdiff_t count, const Panel<Real>& panel, double* dots) const noexcept {
        const Kernels<Real>& kernel = *panel.kernels;
        const std::ptrdiff_t group = kernel.panel_group, size = count * panel.columns;
        for_node_chunks(nodes_, threads_, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t) {
            Real* out = partial_ + (first - nodes_.first) / kNodeChunk * size;
            for (std::ptrdiff_t column = 0; column < panel.columns; column += group)
                kernel.multiply({out + column, panel.columns, 0, rows + first, row_stride<Real>(n_), 1,
                                 panel.values + column * n_ + first * group, group, count, last - first, group});
        });
        for_row_ranges(size, kNodeChunk, threads_, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
            for (std::ptrdiff_t k = first; k < last; ++k) dots[k] = static_cast<double>(partial_[k]);
            for (std::ptrdiff_t chunk = 1; chunk < chunks_of(nodes_.count()); ++chunk)
                for (std::ptrdiff_t k = first; k < last; ++k)
                    dots[k] += static_cast<double>(partial_[chunk * size + k]);
        });
    }

    std::ptrdiff_t n_;
    NodeRange nodes_;
    int threads_;
    Real* partial_;
};

}  // namespace resonance::detail
