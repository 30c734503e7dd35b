#include "upcoming.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "../kernels/kernels.hpp"
#include "../phases.hpp"
#include "layout.hpp"

namespace resonance::detail {

template <class Real>
void look_ahead_at(const State<Real>& state, const Conditions& conditions, const Timeline& timeline, std::int64_t ahead,
                   std::int64_t steps, std::ptrdiff_t first, std::ptrdiff_t last, double* phases) noexcept {
    double noise[kNodeChunk];
    const double* drive = conditions.noisy() ? noise : nullptr;
    const std::ptrdiff_t most = conditions.noisy() ? kNodeChunk : last - first;
    for (std::int64_t step = ahead; step < ahead + steps; ++step)
        for (std::ptrdiff_t begin = first; begin < last; begin += most) {
            const std::ptrdiff_t end = std::min(begin + most, last);
            if (conditions.noisy())
                kernels<Real>().phase_noise(state.noise_seed, static_cast<std::uint64_t>(state.step_count + step),
                                            begin, end, conditions.noise_scale(), noise);
            const double* input = timeline.input(step) + (timeline.per_node() ? begin : 0);
            // Finite: a run's inputs are checked before its first step.
            advance_phases(phases + begin, state.frequencies + begin, input, timeline.per_node(), drive, conditions.dt,
                           end - begin, phases + begin);
            state.hold_phases(begin, end, phases);
        }
}

template <class Real>
void look_ahead(const State<Real>& state, const Conditions& conditions, const Timeline& timeline, std::int64_t ahead,
                std::int64_t steps, const NodeRange& nodes, double* phases, Real* columns) noexcept {
    const std::ptrdiff_t stride = row_stride<Real>(state.n);
    for_nodes(nodes, conditions.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t) {
        Real* row = columns;
        for (std::int64_t step = 0; step < steps; ++step) {
            look_ahead_at(state, conditions, timeline, ahead + step, 1, first, last, phases);
            if (columns == nullptr) continue;
            kernels<Real>().cosines_and_sines(phases + first, last - first, row + first, row + stride + first);
            row += 2 * stride;
        }
    });
}

template <class Real>
void complete_steps(State<Real>& state, const Conditions& conditions, Timeline& timeline, std::int64_t steps,
                    const double* phases) noexcept {
    std::memcpy(state.phases, phases, static_cast<std::size_t>(state.n) * sizeof(double));
    state.sums_current = false;
    state.step_count += steps;
    for (std::int64_t step = 0; step < steps; ++step) state.time += conditions.dt;  // rounded as step by step
    timeline.advance(steps);
}

#define RESONANCE_INSTANTIATE(Real)                                                                                 \
    template void look_ahead(const State<Real>&, const Conditions&, const Timeline&, std::int64_t, std::int64_t,    \
                             const NodeRange&, double*, Real*) noexcept;                                            \
    template void look_ahead_at(const State<Real>&, const Conditions&, const Timeline&, std::int64_t, std::int64_t, \
                                std::ptrdiff_t, std::ptrdiff_t, double*) noexcept;                                  \
    template void complete_steps(State<Real>&, const Conditions&, Timeline&, std::int64_t, const double*) noexcept;
RESONANCE_INSTANTIATE(float)
RESONANCE_INSTANTIATE(double)

}  // namespace resonance::detail
