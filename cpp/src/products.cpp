// What one phase or one weight changes is added to the products. Each addition is rounded, which the next step, whose
// products are its own, forgets.
#include "products.hpp"

#include <cmath>

namespace resonance::detail {

template <class Real>
void move_phase(State<Real>& state, std::ptrdiff_t node, double phase) noexcept RESONANCE_NONBLOCKING {
    const auto old_cosine = static_cast<double>(state.cosines[node]);
    const auto old_sine = static_cast<double>(state.sines[node]);
    state.phases[node] = phase;
    kernels<Real>().cosines_and_sines(state.phases + node, 1, state.cosines + node, state.sines + node);
    if (state.storage != WeightStorage::dense) state.sums_current = false;
    if (!state.sums_current) return;
    const double cosine_change = static_cast<double>(state.cosines[node]) - old_cosine;
    const double sine_change = static_cast<double>(state.sines[node]) - old_sine;
    const Real* weight = state.weights + node;
    for (std::ptrdiff_t i = state.first_row; i < state.first_row + state.row_count; ++i, weight += state.stride) {
        state.cosine_sums[i] += static_cast<double>(*weight) * cosine_change;
        state.sine_sums[i] += static_cast<double>(*weight) * sine_change;
    }
}

template <class Real>
void change_weight(State<Real>& state, Real& place, std::ptrdiff_t row, std::ptrdiff_t column,
                   Real weight) noexcept RESONANCE_NONBLOCKING {
    const double change = static_cast<double>(weight) - static_cast<double>(place);
    place = weight;
    double& cosine_sum = state.cosine_sums[row];
    double& sine_sum = state.sine_sums[row];
    cosine_sum += change * static_cast<double>(state.cosines[column]);
    sine_sum += change * static_cast<double>(state.sines[column]);
    // Weights that have diverged leave sums from which there is no way back by additions.
    if (!std::isfinite(cosine_sum) || !std::isfinite(sine_sum)) state.sums_current = false;
}

template void move_phase(State<float>&, std::ptrdiff_t, double) noexcept RESONANCE_NONBLOCKING;
template void move_phase(State<double>&, std::ptrdiff_t, double) noexcept RESONANCE_NONBLOCKING;
template void change_weight(State<float>&, float&, std::ptrdiff_t, std::ptrdiff_t,
                            float) noexcept RESONANCE_NONBLOCKING;
template void change_weight(State<double>&, double&, std::ptrdiff_t, std::ptrdiff_t,
                            double) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
