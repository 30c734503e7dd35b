//! A moment at which the state itself is all there is to see: before a run's first step, and between single steps.
#pragma once

#include "../kernels/kernels.hpp"
#include "../products.hpp"
#include "../weights.hpp"
#include "conditions.hpp"
#include "resonance/observer.hpp"

namespace resonance::detail {

//! Mean of exp(i phi) from rows of cosines and sines.
template <class Real>
std::complex<double> mean_phasor(const Real* cosines, const Real* sines, std::ptrdiff_t n) noexcept {
    double sums[2];
    kernels<Real>().sum_pair(cosines, sines, n, sums);
    return {sums[0] / static_cast<double>(n), sums[1] / static_cast<double>(n)};
}

template <class Real>
class StateMoment final : public Moment<Real> {
public:
    StateMoment(State<Real>& state, const Conditions& conditions, std::int64_t step) noexcept
        : state_(state), conditions_(conditions), step_(step) {}

    std::int64_t step() const noexcept override { return step_; }
    std::int64_t step_count() const noexcept override { return state_.step_count; }
    double time() const noexcept override { return state_.time; }
    std::complex<double> order_parameter() const noexcept override {
        return mean_phasor(state_.cosines, state_.sines, state_.n);
    }
    span<const double> phases() const noexcept override { return {state_.phases, size()}; }
    span<const Real> amplitudes() const noexcept override { return {state_.amplitudes, size()}; }
    span<const double> resonance() const noexcept override {
        // The next step must not know that they are current: it would go on with these bits, and not with its own.
        if (!state_.sums_current) take_products(state_, conditions_.threads);
        kernels<Real>().combine(products_of(state_), state_.n, state_.next_phases);
        // Of rows that others have, these are no numbers of use, and are replaced.
        if (state_.is_shard()) state_.exchange.gather(state_.exchange.context, state_.next_phases, sizeof(double));
        return {state_.next_phases, size()};  // scratch that no step needs before it has written it
    }
    void weights(span<const std::int64_t> rows, span<const std::int64_t> columns, Real* block) const noexcept override {
        copy_weights<Real>(state_, rows, columns, block);
        if (state_.is_shard()) {
            const std::size_t count =
                (rows.data() == nullptr ? size() : rows.size()) * (columns.data() == nullptr ? size() : columns.size());
            state_.exchange.sum(state_.exchange.context, block, count, sizeof(Real));
        }
    }
    void own_weights(std::ptrdiff_t first, std::ptrdiff_t count, Real* block) const noexcept override {
        for (std::int64_t row = first; row < first + count; ++row, block += state_.n)
            copy_weights<Real>(state_, span<const std::int64_t>(&row, 1), {}, block);
    }
    void show() noexcept override {}
    void hide() noexcept override {}
    bool has_weights_of_network() const noexcept override { return true; }

private:
    std::size_t size() const noexcept { return static_cast<std::size_t>(state_.n); }

    State<Real>& state_;
    const Conditions& conditions_;
    std::int64_t step_;
};

}  // namespace resonance::detail
