// All of W's part in a step follows from c = cos phi and s = sin phi: with cos(phi_i - phi_j) = c_i c_j + s_i s_j the
// growth is of rank two, and resonance and coupling are combinations of the products W c and W s.
#include "fused.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>

#include "../kernels/kernels.hpp"
#include "../parallel.hpp"
#include "../phases.hpp"
#include "../products.hpp"
#include "../weights.hpp"
#include "coupling.hpp"
#include "single_steps.hpp"

namespace resonance::detail {
namespace {

template <class Real>
void prepare_growth(State<Real>& state, const Hyperparameters& h, std::ptrdiff_t first, std::ptrdiff_t last) noexcept {
    kernels<Real>().growth_factors(state.amplitudes + first, state.cosines + first, state.sines + first, last - first,
                                   h.decay * h.learning_rate, std::cos(h.learning_lag), std::sin(h.learning_lag),
                                   state.column_u + first, state.column_v + first, state.row_u + first,
                                   state.row_v + first);
}

template <class Real>
void grow_and_take_products(State<Real>& state, const Conditions& conditions) noexcept {
    const Kernels<Real>& kernel = kernels<Real>();
    const Growth<Real> growth{conditions.hyperparameters.decay, state.row_u + state.first_row,
                              state.row_v + state.first_row, state.column_u, state.column_v};
    for_row_ranges(state.row_count, kernel.row_granule, conditions.threads,
                   [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                       kernel.fused_step(state.weights, {first, last, state.columns, state.stride}, growth,
                                         products_of_rows(state));
                   });
}

//! Everybody's amplitudes. Those of a rank that has diverged are not numbers, so that all ranks know.
template <class Real>
bool share_amplitudes(State<Real>& state, bool diverged) noexcept {
    if (diverged) state.amplitudes[state.first_row] = std::numeric_limits<Real>::quiet_NaN();
    return state.exchange.gather(state.exchange.context, state.amplitudes, sizeof(Real));
}

}  // namespace

template <class Real, class Input>
Status step_fused(State<Real>& state, const Conditions& conditions, const Input* input,
                  bool per_node) noexcept RESONANCE_NONBLOCKING {
    const Kernels<Real>& kernel = kernels<Real>();
    const bool coupled = conditions.hyperparameters.coupling != 0;
    if (coupled && !state.sums_current) {
        take_products(state, conditions.threads);
        state.sums_current = true;
    }
    const std::ptrdiff_t first_row = state.first_row, last_row = state.first_row + state.row_count;
    std::atomic<bool> finite{true};
    const auto find_drive = [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        if (conditions.noisy())
            kernel.phase_noise(state.noise_seed, static_cast<std::uint64_t>(state.step_count), first, last,
                               conditions.noise_scale(), state.next_phases + first);
        if (coupled)
            coupling_drive(state, conditions, std::max(first, first_row), std::min(last, last_row), state.next_phases);
    };
    // The pull on a node is known to who has its row.
    const bool shared_drive = coupled && state.is_shard();
    if (shared_drive) {
        for_node_ranges(state.n, conditions.threads, find_drive);
        if (!state.exchange.gather(state.exchange.context, state.next_phases, sizeof(double)))
            return Status::exchange_failed;
    }
    for_node_ranges(state.n, conditions.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        double* next = state.next_phases + first;
        if (!shared_drive) find_drive(first, last);
        const double* drive = conditions.noisy() || coupled ? next : nullptr;
        if (!advance_phases(state.phases + first, state.frequencies + first, per_node ? input + first : input, per_node,
                            drive, conditions.dt, last - first, next))
            finite.store(false, std::memory_order_relaxed);
    });
    if (!finite.load(std::memory_order_relaxed)) return Status::phase_overflow;

    for_node_ranges(state.n, conditions.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        std::memcpy(state.phases + first, state.next_phases + first,
                    static_cast<std::size_t>(last - first) * sizeof(double));
        state.hold_phases(first, last, state.phases);
        kernel.cosines_and_sines(state.phases + first, last - first, state.cosines + first, state.sines + first);
        if (conditions.learn) prepare_growth(state, conditions.hyperparameters, first, last);
    });

    if (conditions.learn)
        grow_and_take_products(state, conditions);
    else
        take_products(state, conditions.threads);
    state.sums_current = true;

    for_node_ranges(state.n, conditions.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        first = std::max(first, first_row);
        last = std::min(last, last_row);
        if (first >= last) return;
        double* resonance = state.next_phases + first;  // the scratch is free again
        const Products<Real> products{state.cosines + first, state.sines + first, state.cosine_sums + first,
                                      state.sine_sums + first};
        if (!kernel.combine(products, last - first, resonance)) finite.store(false, std::memory_order_relaxed);
        kernel.activate(resonance, last - first, conditions.hyperparameters.gain,
                        conditions.hyperparameters.amplitude_floor, state.amplitudes + first);
        state.hold_amplitudes(first, last);
    });
    if (state.is_shard()) {
        const bool diverged = !finite.load(std::memory_order_relaxed);
        if (!share_amplitudes(state, diverged)) return Status::exchange_failed;
        finite.store(kernel.all_finite(state.amplitudes, state.n), std::memory_order_relaxed);
    }

    state.step_count += 1;
    state.time += conditions.dt;
    return finite.load(std::memory_order_relaxed) ? Status::ok : Status::diverged;
}

template <class Real>
Status run_fused(State<Real>& state, const Conditions& conditions, Timeline& timeline, std::int64_t steps,
                 const Watch<Real>& watch, std::int64_t& completed) noexcept {
    return run_single_steps(state, conditions, timeline, steps, watch, completed,
                            [&] { return step_fused(state, conditions, timeline.input(), timeline.per_node()); });
}

template Status step_fused(State<float>&, const Conditions&, const float*, bool) noexcept RESONANCE_NONBLOCKING;
template Status step_fused(State<float>&, const Conditions&, const double*, bool) noexcept RESONANCE_NONBLOCKING;
template Status step_fused(State<double>&, const Conditions&, const float*, bool) noexcept RESONANCE_NONBLOCKING;
template Status step_fused(State<double>&, const Conditions&, const double*, bool) noexcept RESONANCE_NONBLOCKING;
template Status run_fused(State<float>&, const Conditions&, Timeline&, std::int64_t, const Watch<float>&,
                          std::int64_t&) noexcept;
template Status run_fused(State<double>&, const Conditions&, Timeline&, std::int64_t, const Watch<double>&,
                          std::int64_t&) noexcept;

}  // namespace resonance::detail
