#include "sparse.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

#include "../kernels/kernels.hpp"
#include "../phases.hpp"
#include "../sparse/pass.hpp"
#include "coupling.hpp"
#include "single_steps.hpp"

namespace resonance::detail {
namespace {

EdgeGrowth growth_of(const Hyperparameters& h) noexcept {
    const double scale = h.decay * h.learning_rate;
    return {h.decay, scale * std::cos(h.learning_lag), scale * std::sin(h.learning_lag)};
}

//! New phases of nodes first .. last - 1, at next_phases, their cosines and sines, and their records. False where a
//! phase is not finite.
template <class Real, class Input>
bool begin_nodes(State<Real>& state, const Conditions& conditions, const Input* input, bool per_node,
                 std::ptrdiff_t first, std::ptrdiff_t last) noexcept {
    const Kernels<Real>& kernel = kernels<Real>();
    const std::ptrdiff_t count = last - first;
    double* next = state.next_phases;
    const bool coupled = conditions.hyperparameters.coupling != 0;
    if (conditions.noisy())
        kernel.phase_noise(state.noise_seed, static_cast<std::uint64_t>(state.step_count), first, last,
                           conditions.noise_scale(), next + first);
    if (coupled) coupling_drive(state, conditions, first, last, next);
    const double* drive = conditions.noisy() || coupled ? next + first : nullptr;
    const bool finite = advance_phases(state.phases + first, state.frequencies + first, input + (per_node ? first : 0),
                                       per_node, drive, conditions.dt, count, next + first);
    state.hold_phases(first, last, next);
    kernel.cosines_and_sines(next + first, count, state.cosines + first, state.sines + first);
    kernel.edge_records(state.amplitudes + first, state.cosines + first, state.sines + first,
                        state.edges.places + first, count, state.records());
    return finite;
}

//! Weights and amplitudes of some rows, and the phases of as many nodes. False where an amplitude is not finite.
template <class Real>
bool finish_rows(State<Real>& state, const Conditions& conditions, const EdgeRows<Real>& rows,
                 const EdgeGrowth& growth) noexcept {
    const Kernels<Real>& kernel = kernels<Real>();
    const Hyperparameters& h = conditions.hyperparameters;
    const std::int32_t* nodes = state.edges.nodes + rows.first;
    const std::ptrdiff_t count = rows.last - rows.first;
    double sums[2 * kRowChunk], resonance[kRowChunk];
    Real amplitudes[kRowChunk];
    if (conditions.learn)
        kernel.edge_step(state.edges.weights, rows, growth, sums);
    else
        kernel.edge_products(state.edges.weights, rows, sums);
    const bool finite = kernel.edge_resonance(rows.records + kEdgeNumbers * rows.first, sums, count, resonance);
    // Whole vectors: a node has the same bits wherever its row stands.
    const std::ptrdiff_t padded = (count + kRowGranule - 1) / kRowGranule * kRowGranule;
    std::fill(resonance + count, resonance + padded, 0.0);
    kernel.activate(resonance, padded, h.gain, h.amplitude_floor, amplitudes);
    for (std::ptrdiff_t k = 0; k < count; ++k) state.amplitudes[nodes[k]] = amplitudes[k];
    if (h.coupling != 0) {
        for (std::ptrdiff_t k = 0; k < count; ++k) {
            state.cosine_sums[nodes[k]] = sums[2 * k];
            state.sine_sums[nodes[k]] = sums[2 * k + 1];
        }
    }
    std::memcpy(state.phases + rows.first, state.next_phases + rows.first,
                static_cast<std::size_t>(count) * sizeof(double));
    return finite;
}

}  // namespace

template <class Real, class Input>
Status step_sparse(State<Real>& state, const Conditions& conditions, const Input* input,
                   bool per_node) noexcept RESONANCE_NONBLOCKING {
    const bool coupled = conditions.hyperparameters.coupling != 0;
    if (coupled && !state.sums_current) {
        take_edge_products(state, conditions.threads);
        state.sums_current = true;
    }
    std::atomic<bool> finite{true};
    for_node_ranges(state.n, conditions.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        if (!begin_nodes(state, conditions, input, per_node, first, last))
            finite.store(false, std::memory_order_relaxed);
    });
    if (!finite.load(std::memory_order_relaxed)) {
        kernels<Real>().cosines_and_sines(state.phases, state.n, state.cosines, state.sines);
        return Status::phase_overflow;
    }
    const EdgeGrowth growth = growth_of(conditions.hyperparameters);
    for_edge_chunks(state, edge_rows(state, state.records()), conditions.threads, [&](const EdgeRows<Real>& rows) {
        if (!finish_rows(state, conditions, rows, growth)) finite.store(false, std::memory_order_relaxed);
    });
    state.hold_amplitudes(0, state.n);
    state.step_count += 1;
    state.time += conditions.dt;
    state.sums_current = coupled;
    return finite.load(std::memory_order_relaxed) ? Status::ok : Status::diverged;
}

template <class Real>
Status run_sparse(State<Real>& state, const Conditions& conditions, Timeline& timeline, const Watch<Real>& watch,
                  std::int64_t& completed) noexcept {
    return run_single_steps(state, conditions, timeline, timeline.left(), watch, completed,
                            [&] { return step_sparse(state, conditions, timeline.input(), timeline.per_node()); });
}

template Status step_sparse(State<float>&, const Conditions&, const float*, bool) noexcept RESONANCE_NONBLOCKING;
template Status step_sparse(State<float>&, const Conditions&, const double*, bool) noexcept RESONANCE_NONBLOCKING;
template Status step_sparse(State<double>&, const Conditions&, const float*, bool) noexcept RESONANCE_NONBLOCKING;
template Status step_sparse(State<double>&, const Conditions&, const double*, bool) noexcept RESONANCE_NONBLOCKING;
template Status run_sparse(State<float>&, const Conditions&, Timeline&, const Watch<float>&, std::int64_t&) noexcept;
template Status run_sparse(State<double>&, const Conditions&, Timeline&, const Watch<double>&, std::int64_t&) noexcept;

}  // namespace resonance::detail
