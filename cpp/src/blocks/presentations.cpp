#include "presentations.hpp"

#include <atomic>
#include <cmath>
#include <limits>

#include "../kernels/kernels.hpp"
#include "../parallel.hpp"
#include "layout.hpp"
#include "passes.hpp"

namespace resonance::detail {

template <class Real, class Source>
void OffsetRows<Real, Source>::take(Carver& carver, std::int64_t) noexcept {
    carver.take(phases_, static_cast<std::size_t>(threads_ * row_stride<double>(state_.n)));
}

template <class Real, class Source>
bool OffsetRows<Real, Source>::present(std::int64_t begin, std::int64_t count,
                                       const PairRoom<Real>& room) const noexcept {
    const Kernels<Real>& kernel = kernels<Real>();
    const NodeRange& nodes = room.nodes;
    const std::ptrdiff_t n = state_.n;
    for_row_ranges(count, 1, threads_, [&](std::ptrdiff_t first, std::ptrdiff_t last, int member) {
        double* phases = phases_ + member * row_stride<double>(n);
        for (std::ptrdiff_t k = first; k < last; ++k) {
            const Source* row = offsets_ + (begin + k) * n;
            unsigned silent = 0;
#pragma omp simd reduction(| : silent)
            for (std::ptrdiff_t i = nodes.first; i < nodes.last; ++i) {
                const Source offset = std::isnan(row[i]) ? Source(0) : row[i];
                phases[i] = state_.initial_phases[i] + static_cast<double>(offset);
                silent |= std::isnan(row[i]) ? 1U : 0U;
            }
            Real *u = room.rows + 2 * k * room.stride, *v = u + room.stride;
            kernel.cosines_and_sines(phases + nodes.first, nodes.count(), u + nodes.first, v + nodes.first);
            if (silent == 0) continue;
            for (std::ptrdiff_t i = nodes.first; i < nodes.last; ++i)
                if (std::isnan(row[i])) u[i] = v[i] = 0;
        }
    });
    return true;
}

template <class Real>
EncodedRows<Real>::EncodedRows(const State<Real>& state, const Real* rows, const Encoding<Real>& encoding,
                               int threads) noexcept
    : state_(state),
      rows_(rows),
      encoding_(encoding),
      threads_(threads),
      columns_(static_cast<std::ptrdiff_t>(encoding.projection.size()) / state.n),
      width_(panel_columns<Real>(state.n)) {}

template <class Real>
void EncodedRows<Real>::take(Carver& carver, std::int64_t most) noexcept {
    const auto n = static_cast<std::size_t>(state_.n), width = static_cast<std::size_t>(width_);
    carver.take(panel_, width * static_cast<std::size_t>(columns_));
    carver.take(start_, n);
    carver.take(sums_, static_cast<std::size_t>(most) * width);
}

template <class Real>
void EncodedRows<Real>::prepare() noexcept {
    for (std::ptrdiff_t i = 0; i < state_.n; ++i) start_[i] = state_.initial_phases[i] + encoding_.shift.data()[i];
    packed_by_ = &kernels<Real>();
    pack_panel(*packed_by_, encoding_.projection.data(), columns_, state_.n, columns_, all_nodes<Real>(columns_),
               threads_, panel_);
}

template <class Real>
bool EncodedRows<Real>::present(std::int64_t begin, std::int64_t count, const PairRoom<Real>& room) const noexcept {
    const Kernels<Real>& kernel = *packed_by_;
    const NodeRange& nodes = room.nodes;
    const std::ptrdiff_t n = state_.n;
    WeightsPass<Real> pass{};
    pass.decay = 1;
    pass.panel = panel_;
    pass.panel_columns = width_;
    pass.sums = sums_;
    pass.sum_stride = width_;
    pass.nodes = columns_;
    // The kernel writes to its matrix only where there is growth, of which there is none here.
    auto* data = const_cast<Real*>(rows_ + begin * columns_);
    std::atomic<bool> beyond{false};
    for_row_ranges(count, kernel.pass_row_granule, threads_, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        kernel.weights_pass(data, Rows{first, last, columns_, columns_}, pass, nullptr);
        for (std::ptrdiff_t k = first; k < last; ++k) {
            double* phases = sums_ + k * width_;
            unsigned infinite = 0;
#pragma omp simd reduction(| : infinite)
            for (std::ptrdiff_t i = 0; i < n; ++i) {
                phases[i] += start_[i];
                infinite |= std::abs(phases[i]) <= std::numeric_limits<double>::max() ? 0U : 1U;
            }
            if (infinite != 0) beyond.store(true, std::memory_order_relaxed);
            Real* u = room.rows + 2 * k * room.stride + nodes.first;
            kernel.cosines_and_sines(phases + nodes.first, nodes.count(), u, u + room.stride);
        }
    });
    return !beyond.load(std::memory_order_relaxed);
}

#define RESONANCE_INSTANTIATE(Real)          \
    template class OffsetRows<Real, float>;  \
    template class OffsetRows<Real, double>; \
    template class EncodedRows<Real>;
RESONANCE_INSTANTIATE(float)
RESONANCE_INSTANTIATE(double)

}  // namespace resonance::detail
