#include "passes.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace resonance::detail {
namespace {

//! Rows between two questions whether to stop: some 30 ms at n = 32768.
constexpr std::ptrdiff_t kRowsBetweenQuestions = 1024;

}  // namespace

template <class Real>
void pack_panel(const Kernels<Real>& kernel, const Real* rows, std::ptrdiff_t stride, std::ptrdiff_t count,
                std::ptrdiff_t n, const NodeRange& nodes, int threads, Real* panel) noexcept {
    const std::ptrdiff_t group = kernel.panel_group;
    for_nodes(nodes, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t) {
        for (std::ptrdiff_t column = 0; column < panel_columns<Real>(count); ++column) {
            Real* to = panel + column / group * group * n + column % group;
            const Real* from = rows + column * stride;
            if (column < count)
                for (std::ptrdiff_t i = first; i < last; ++i) to[i * group] = from[i];
            else
                for (std::ptrdiff_t i = first; i < last; ++i) to[i * group] = 0;
        }
    });
}

template <class Real>
void sums_to_rows(const double* sums, std::ptrdiff_t count, std::ptrdiff_t n, const NodeRange& nodes, int threads,
                  Real* rows) noexcept {
    const std::ptrdiff_t stride = row_stride<Real>(n), width = panel_columns<Real>(count);
    constexpr std::ptrdiff_t tile = 64;  // nodes whose sums stay in the first-level cache
    for_nodes(nodes, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t) {
        for (std::ptrdiff_t begin = first; begin < last; begin += tile) {
            const std::ptrdiff_t end = std::min(begin + tile, last);
            for (std::ptrdiff_t column = 0; column < count; ++column)
                for (std::ptrdiff_t i = begin; i < end; ++i)
                    rows[column * stride + i] = static_cast<Real>(sums[i * width + column]);
        }
    });
}

template <class Real>
bool pass_over_weights(State<Real>& state, const Kernels<Real>& kernel, const WeightsPass<Real>& pass, int threads,
                       Real* scratch, Interrupt interrupt) noexcept {
    const bool may_stop = pass.rank == 0 && pass.decay == 1 && interrupt.requested != nullptr;
    std::atomic<bool> stopped{false};
    // Kernels number rows as nodes: in a shard they never come to those before its first.
    Real* const row_zero = state.weights - state.first_row * state.stride;
    for_row_ranges(state.row_count, kernel.pass_row_granule, threads,
                   [&](std::ptrdiff_t first, std::ptrdiff_t last, int member) {
                       const std::ptrdiff_t step = may_stop ? kRowsBetweenQuestions : last - first;
                       for (std::ptrdiff_t row = first; row < last; row += step) {
                           const Rows rows{state.first_row + row, state.first_row + std::min(row + step, last),
                                           state.columns, state.stride};
                           kernel.weights_pass(row_zero, rows, pass, scratch + member * pass_scratch(pass.rank));
                           if (!may_stop) continue;
                           if (member == 0 && row + step < last && interrupt.requested(interrupt.context))
                               stopped.store(true, std::memory_order_relaxed);
                           if (stopped.load(std::memory_order_relaxed)) break;
                       }
                   });
    return !stopped.load(std::memory_order_relaxed);
}

template <class Real>
bool take_products(State<Real>& state, const PackedPanel<Real>& panel, double* sums, int threads,
                   Interrupt interrupt) noexcept {
    WeightsPass<Real> pass{};
    pass.decay = 1;
    pass.panel = panel.values;
    pass.panel_columns = panel.columns;
    pass.sums = sums;
    pass.sum_stride = panel.columns;
    pass.nodes = state.n;
    return pass_over_weights<Real>(state, *panel.kernels, pass, threads, nullptr, interrupt);
}

template <class Real>
double row_sum_norm(const State<Real>& state, std::ptrdiff_t count, int threads) noexcept {
    std::atomic<double> largest{0};
    count = std::min(count, state.row_count);
    for_row_ranges(count, 1, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        double found = 0;
        for (std::ptrdiff_t k = first; k < last; ++k) {
            const Real* row = state.weights + k * state.row_count / count * state.stride;
            double sums[4] = {};
            for (std::ptrdiff_t j = 0; j < state.columns; j += 4)
                for (int lane = 0; lane < 4; ++lane) sums[lane] += std::abs(static_cast<double>(row[j + lane]));
            found = std::max(found, sums[0] + sums[1] + sums[2] + sums[3]);
        }
        double known = largest.load();
        while (known < found && !largest.compare_exchange_weak(known, found)) {
        }
    });
    return largest.load();
}

#define RESONANCE_INSTANTIATE(Real)                                                                                   \
    template void pack_panel(const Kernels<Real>&, const Real*, std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t,       \
                             const NodeRange&, int, Real*) noexcept;                                                  \
    template void sums_to_rows(const double*, std::ptrdiff_t, std::ptrdiff_t, const NodeRange&, int, Real*) noexcept; \
    template bool pass_over_weights(State<Real>&, const Kernels<Real>&, const WeightsPass<Real>&, int, Real*,         \
                                    Interrupt) noexcept;                                                              \
    template bool take_products(State<Real>&, const PackedPanel<Real>&, double*, int, Interrupt) noexcept;            \
    template double row_sum_norm(const State<Real>&, std::ptrdiff_t, int) noexcept;
RESONANCE_INSTANTIATE(float)
RESONANCE_INSTANTIATE(double)

}  // namespace resonance::detail
