#include "weights_beside.hpp"

#include <algorithm>

#include "../kernels/kernels.hpp"
#include "layout.hpp"

namespace resonance::detail {
namespace {

//! Rows that are made together, so that each load of a pair serves all of them.
constexpr std::ptrdiff_t kTileRows = 16;

template <class Real>
class Tile {
public:
    Tile(const State<Real>& state, const Pending<Real>& pending, span<const std::int64_t> columns) noexcept
        : state_(state), pending_(pending), columns_(columns), stride_(row_stride<Real>(state.n)) {}

    //! The rows of `count` nodes, `width` values each.
    void make(const std::int64_t* nodes, std::ptrdiff_t count, Real* out, std::ptrdiff_t width) noexcept {
        for (std::ptrdiff_t r = 0; r < count; ++r)
            pending_.row_strengths(nodes[r], strengths_ + r * 2 * Pending<Real>::kMostPairs);
        for (std::ptrdiff_t first = 0; first < state_.n; first += kNodeChunk) {
            const std::ptrdiff_t last = std::min(first + kNodeChunk, state_.n);
            fill(nodes, count, first, last);
            for (std::ptrdiff_t r = 0; r < count; ++r) hand_out(r, first, last, out + r * width);
        }
    }

private:
    //! Columns first .. last - 1.
    void fill(const std::int64_t* nodes, std::ptrdiff_t count, std::ptrdiff_t first, std::ptrdiff_t last) noexcept {
        // The padding behind the last node is part of the product, as far as a chunk goes: kernels take whole vectors.
        const std::ptrdiff_t end = last == state_.n ? std::min(stride_, first + kNodeChunk) : last;
        for (std::ptrdiff_t r = 0; r < count; ++r) {
            Real* row = values_ + r * kNodeChunk;
            std::copy_n(state_.weight_row(nodes[r]) + first, last - first, row);
            std::fill(row + (last - first), row + (end - first), Real(0));
        }
        kernels<Real>().multiply({values_, kNodeChunk, static_cast<Real>(pending_.base_factor()), strengths_,
                                  2 * Pending<Real>::kMostPairs, 1, pending_.rows() + first, stride_, count,
                                  2 * pending_.count(), end - first});
    }

    void hand_out(std::ptrdiff_t r, std::ptrdiff_t first, std::ptrdiff_t last, Real* row) const noexcept {
        const Real* values = values_ + r * kNodeChunk;
        if (columns_.data() == nullptr) {
            std::copy_n(values, last - first, row + first);
            return;
        }
        for (std::size_t k = 0; k < columns_.size(); ++k)
            if (columns_[k] >= first && columns_[k] < last) row[k] = values[columns_[k] - first];
    }

    const State<Real>& state_;
    const Pending<Real>& pending_;
    span<const std::int64_t> columns_;
    std::ptrdiff_t stride_;
    alignas(kVectorAlignment) Real values_[kTileRows * kNodeChunk];
    Real strengths_[kTileRows * 2 * Pending<Real>::kMostPairs];
};

}  // namespace

template <class Real>
void weights_beside(const State<Real>& state, const Pending<Real>& pending, int threads, span<const std::int64_t> rows,
                    span<const std::int64_t> columns, Real* block) noexcept {
    const std::ptrdiff_t n = state.n;
    const bool all_rows = rows.data() == nullptr;
    const std::ptrdiff_t count = all_rows ? n : static_cast<std::ptrdiff_t>(rows.size());
    const std::ptrdiff_t width = columns.data() == nullptr ? n : static_cast<std::ptrdiff_t>(columns.size());
    for_row_ranges(count, kTileRows, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        Tile<Real> tile(state, pending, columns);
        std::int64_t nodes[kTileRows];
        for (std::ptrdiff_t begin = first; begin < last; begin += kTileRows) {
            const std::ptrdiff_t end = std::min(begin + kTileRows, last);
            for (std::ptrdiff_t r = begin; r < end; ++r)
                nodes[r - begin] = all_rows ? r : rows[static_cast<std::size_t>(r)];
            // Rows that others have are zeros, on top of which theirs come.
            for (std::ptrdiff_t r = begin, next = r; r < end; r = next) {
                const bool here = state.has_row(nodes[r - begin]);
                while (next < end && state.has_row(nodes[next - begin]) == here) ++next;
                Real* out = block + r * width;
                if (here)
                    tile.make(nodes + (r - begin), next - r, out, width);
                else
                    std::fill_n(out, (next - r) * width, Real(0));
            }
        }
    });
}

template void weights_beside(const State<float>&, const Pending<float>&, int, span<const std::int64_t>,
                             span<const std::int64_t>, float*) noexcept;
template void weights_beside(const State<double>&, const Pending<double>&, int, span<const std::int64_t>,
                             span<const std::int64_t>, double*) noexcept;

}  // namespace resonance::detail
