// All of W's part in a step follows from c = cos phi and s = sin phi: with cos(phi_i - phi_j) = c_i c_j + s_i s_j the
// growth is of rank two, and resonance and coupling are combinations of the products W c and W s.
#include "fused.hpp"

#include <cstring>

#include "../kernels/kernels.hpp"
#include "../phases.hpp"
#include "../products.hpp"
#include "../weights.hpp"
#include "coupling.hpp"
#include "state_moment.hpp"

namespace resonance::detail {
template <class Real, class Input>
Status step_fused(State<Real>& state, const Conditions& conditions, const Input* input,
                  bool per_node) noexcept RESONANCE_NONBLOCKING {
    const Kernels<Real>& kernel = kernels<Real>();
    const std::ptrdiff_t n = state.n;

    const double* drive = nullptr;
    if (conditions.noisy()) {
        kernel.phase_noise(state.noise_seed, static_cast<std::uint64_t>(state.step_count), 0, n,
                           conditions.noise_scale(), state.next_phases);
        drive = state.next_phases;
    }
    if (conditions.hyperparameters.coupling != 0) {
        if (!state.sums_current) {
            take_products(state, conditions.threads);
            state.sums_current = true;
        }
        coupling_drive(state, conditions, 0, n, state.next_phases);
        drive = state.next_phases;
    }
    if (!advance_phases(state.phases, state.frequencies, input, per_node, drive, conditions.dt, n, state.next_phases))
        return Status::phase_overflow;

    std::memcpy(state.phases, state.next_phases, static_cast<std::size_t>(n) * sizeof(double));
    state.hold_phases(0, n, state.phases);
    kernel.cosines_and_sines(state.phases, n, state.cosines, state.sines);

    if (conditions.learn)
        grow_and_take_products(state, conditions);
    else
        take_products(state, conditions.threads);
    state.sums_current = true;

    double* resonance = state.next_phases;  // the scratch is free again
    const bool finite = kernel.combine(products_of(state), n, resonance);
    kernel.activate(resonance, n, conditions.hyperparameters.gain, conditions.hyperparameters.amplitude_floor,
                    state.amplitudes);
    state.hold_amplitudes(0, n);

    state.step_count += 1;
    state.time += conditions.dt;
    return finite ? Status::ok : Status::diverged;
}

template <class Real>
Status run_fused(State<Real>& state, const Conditions& conditions, Timeline& timeline, std::int64_t steps,
                 const Watch<Real>& watch, std::int64_t& completed) noexcept {
    for (; steps > 0; --steps) {
        const Status status = step_fused(state, conditions, timeline.input(), timeline.per_node());
        if (status == Status::phase_overflow) return status;
        timeline.advance(1);
        ++completed;
        if (status != Status::ok) return status;
        if (watch.is_due(completed)) {
            StateMoment<Real> moment(state, conditions, completed);
            if (!watch.observer->observe(moment)) return Status::interrupted;
        }
        if (watch.interrupted()) return Status::interrupted;
    }
    return Status::ok;
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
