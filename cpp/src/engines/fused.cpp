// All of W's part in a step follows from c = cos phi and s = sin phi: with cos(phi_i - phi_j) = c_i c_j + s_i s_j the
// growth is of rank two, and resonance and coupling are combinations of the products W c and W s.
#include "fused.hpp"

#include <atomic>
#include <cmath>
#include <cstring>

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
    const Growth<Real> growth{conditions.hyperparameters.decay, state.row_u, state.row_v, state.column_u,
                              state.column_v};
    for_row_ranges(state.n, kernel.row_granule, conditions.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        kernel.fused_step(state.weights, {first, last, state.columns, state.stride}, growth, products_of(state));
    });
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
    std::atomic<bool> finite{true};
    for_node_ranges(state.n, conditions.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        double* next = state.next_phases + first;
        if (conditions.noisy())
            kernel.phase_noise(state.noise_seed, static_cast<std::uint64_t>(state.step_count), first, last,
                               conditions.noise_scale(), next);
        if (coupled) coupling_drive(state, conditions, first, last, state.next_phases);
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
        double* resonance = state.next_phases + first;  // the scratch is free again
        const Products<Real> products{state.cosines + first, state.sines + first, state.cosine_sums + first,
                                      state.sine_sums + first};
        if (!kernel.combine(products, last - first, resonance)) finite.store(false, std::memory_order_relaxed);
        kernel.activate(resonance, last - first, conditions.hyperparameters.gain,
                        conditions.hyperparameters.amplitude_floor, state.amplitudes + first);
        state.hold_amplitudes(first, last);
    });

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
