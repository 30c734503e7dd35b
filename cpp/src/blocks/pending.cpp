#include "pending.hpp"

#include <algorithm>
#include <cmath>

#include "../kernels/kernels.hpp"

namespace resonance::detail {

template <class Real>
Pending<Real>::Pending(const State<Real>& state, const Conditions& conditions, Real* rows,
                       std::ptrdiff_t capacity) noexcept
    : conditions_(conditions), rows_(rows), capacity_(capacity), stride_(row_stride<Real>(state.n)) {
    const Hyperparameters& h = conditions.hyperparameters;
    const double sign = h.learning_rate < 0 ? -1 : 1;
    along_ = sign * std::cos(h.learning_lag);
    across_ = sign * std::sin(h.learning_lag);
}

template <class Real>
void Pending<Real>::decay(std::ptrdiff_t steps, const Powers& powers) noexcept {
    const double factor = powers.of[steps];
    base_factor_ *= factor;
    for (std::ptrdiff_t pair = 0; pair < count_; ++pair) weights_[pair] *= factor;
}

template <class Real>
void Pending<Real>::append(std::ptrdiff_t steps, const Powers& powers) noexcept {
    decay(steps, powers);
    const double rate = std::abs(conditions_.hyperparameters.learning_rate);
    if (rate == 0) return;
    for (std::ptrdiff_t step = 0; step < steps; ++step) weights_[count_ + step] = rate * powers.of[steps - step];
    count_ += steps;
}

template <class Real>
void Pending<Real>::replace(std::ptrdiff_t count) noexcept {
    count_ = count;
    for (std::ptrdiff_t pair = 0; pair < count; ++pair) weights_[pair] = 1;
}

template <class Real>
void Pending<Real>::strengths(std::ptrdiff_t first, std::ptrdiff_t pairs, const double* dots, std::ptrdiff_t width,
                              Real* strengths) const noexcept {
    for (std::ptrdiff_t pair = 0; pair < pairs; ++pair) {
        const double along = weights_[first + pair] * along_, across = weights_[first + pair] * across_;
        const double *u = dots + 2 * pair * width, *v = u + width;
        Real* out = strengths + 2 * pair;
        for (std::ptrdiff_t k = 0; k < width; ++k) {
            out[k * 2 * pairs] = static_cast<Real>(along * u[k] - across * v[k]);
            out[k * 2 * pairs + 1] = static_cast<Real>(across * u[k] + along * v[k]);
        }
    }
}

template <class Real>
void Pending<Real>::row_strengths(std::ptrdiff_t node, Real* strengths) const noexcept {
    for (std::ptrdiff_t pair = 0; pair < count_; ++pair) {
        const auto u = static_cast<double>(rows_[2 * pair * stride_ + node]);
        const auto v = static_cast<double>(rows_[(2 * pair + 1) * stride_ + node]);
        strengths[2 * pair] = static_cast<Real>(weights_[pair] * (along_ * u + across_ * v));
        strengths[2 * pair + 1] = static_cast<Real>(weights_[pair] * (along_ * v - across_ * u));
    }
}

template <class Real>
double Pending<Real>::largest_weight(const State<Real>& state, std::ptrdiff_t node, Real* row) const noexcept {
    if (!state.has_row(node)) return 0;
    Real strengths[2 * kMostPairs];
    row_strengths(node, strengths);
    const Real* base = state.weight_row(node);
    const NodeRange own = state.own_nodes();
    for_node_chunks(own, conditions_.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) {
        for (std::ptrdiff_t i = first; i < last; ++i)
            row[i] = static_cast<Real>(base_factor_ * static_cast<double>(base[i]));
        kernels<Real>().multiply(
            {row + first, stride_, 1, strengths, 0, 1, rows_ + first, stride_, 1, 2 * count_, end - first});
    });
    return static_cast<double>(std::abs(
        *std::max_element(row + own.first, row + own.last, [](Real x, Real y) { return std::abs(x) < std::abs(y); })));
}

template <class Real>
bool Pending<Real>::gather(const State<Real>& state) const noexcept {
    for (std::ptrdiff_t row = 0; row < 2 * count_; ++row)
        if (!state.exchange.gather(state.exchange.context, rows_ + row * stride_, sizeof(Real))) return false;
    return true;
}

template <class Real>
bool Pending<Real>::flush(State<Real>& state, const PackedPanel<Real>& panel, double* sums, Real* scratch,
                          Interrupt interrupt) noexcept {
    if (count_ == 0 && base_factor_ == 1 && panel.columns == 0) return true;
    Real along[kMostPairs], across[kMostPairs];
    for (std::ptrdiff_t pair = 0; pair < count_; ++pair) {
        along[pair] = static_cast<Real>(weights_[pair] * along_);
        across[pair] = static_cast<Real>(weights_[pair] * across_);
    }
    WeightsPass<Real> pass{};
    pass.decay = base_factor_;
    pass.factors = rows_;
    pass.factor_stride = stride_;
    pass.rank = 2 * count_;
    pass.along = along;
    pass.across = across;
    pass.panel = panel.values;
    pass.panel_columns = panel.columns;
    pass.sums = sums;
    pass.sum_stride = panel.columns;
    pass.nodes = state.n;
    const Kernels<Real>& kernel = panel.kernels == nullptr ? kernels<Real>() : *panel.kernels;
    const bool whole = pass_over_weights(state, kernel, pass, conditions_.threads, scratch, interrupt);
    if (!whole) return false;
    base_factor_ = 1;
    count_ = 0;
    return true;
}

template class Pending<float>;
template class Pending<double>;

}  // namespace resonance::detail
