#include "recursion.hpp"

#include <atomic>
#include <cmath>

#include "../kernels/kernels.hpp"
#include "block_exchange.hpp"
#include "block_moment.hpp"
#include "layout.hpp"

namespace resonance::detail {
namespace {

//! Dot products of every step's pair with the columns of itself and all later steps.
struct Dots {
    double of[kBlockSteps][kBlockSteps][4];  //!< [pair][column]: u c, u s, v c, v s
};

template <class Real>
class Recursion {
public:
    Recursion(State<Real>& state, const Conditions& conditions, const Powers& powers, const Block<Real>& block) noexcept
        : state_(state),
          conditions_(conditions),
          powers_(powers),
          block_(block),
          exchange_(state, block, block.history),
          stride_(row_stride<Real>(state.n)),
          lag_cosine_(std::cos(conditions.hyperparameters.learning_lag)),
          lag_sine_(std::sin(conditions.hyperparameters.learning_lag)) {}

    Status advance(BlockWatch<Real>& watch, std::ptrdiff_t& done) noexcept {
        const NodeRange own = state_.own_nodes();
        for (std::ptrdiff_t step = 0; step < block_.steps; ++step) {
            for_nodes(own, conditions_.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) {
                if (step > 0) finish(step - 1, first, last, end);
                if (conditions_.learn) grow(step, first, last, end);
            });
            bool due = step > 0 && watch.is_due(step - 1);
            const bool finite = sum_dots(step, due);
            if (exchange_.has_failed()) return done = step, Status::exchange_failed;
            if (!finite) return done = step, Status::diverged;
            // A shard has to know all nodes at a moment that somebody looks at.
            if (due && exchange_.is_needed()) exchange_.share(step);
            if (step > 0 && !watch.after(step - 1)) return done = step, Status::interrupted;
            if (conditions_.learn) find_strengths(step);
        }
        for_nodes(own, conditions_.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) {
            finish(block_.steps - 1, first, last, end);
        });
        done = block_.steps;
        bool finite = finite_.load(std::memory_order_relaxed), due = watch.is_due(block_.steps - 1);
        if (exchange_.is_needed()) {
            exchange_.sum(nullptr, 0, finite, due);
            if (due || block_.history != nullptr) exchange_.share(block_.steps);
            if (exchange_.has_failed()) return Status::exchange_failed;
        }
        if (!finite) return Status::diverged;
        return watch.after(block_.steps - 1) ? Status::ok : Status::interrupted;
    }

private:
    const Real* row(const Real* rows, std::ptrdiff_t index) const { return rows + index * stride_; }

    //! u and v of a step, and their dot products with all columns from there on.
    void grow(std::ptrdiff_t step, std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) noexcept {
        const Kernels<Real>& kernel = kernels<Real>();
        const Real *cosines = row(block_.columns, 2 * step), *sines = row(block_.columns, 2 * step + 1);
        Real *u = block_.factors + 2 * step * stride_, *v = u + stride_;
        kernel.scaled_pair(state_.amplitudes + first, cosines + first, sines + first, last - first, u + first,
                           v + first);
        exchange_.keep(step, first, last);
        for (std::ptrdiff_t begin = first; begin < last; begin += kNodeChunk) {
            const std::ptrdiff_t stop = begin + kNodeChunk < last ? begin + kNodeChunk : end;
            kernel.pair_dots(u + begin, v + begin, cosines + begin, stride_, block_.steps - step, stop - begin,
                             block_.partial_dots + (begin - state_.first_row) / kNodeChunk * 4 * kBlockSteps);
        }
    }

    //! Whether all numbers so far are finite. `due`: whether somebody looks; in a shard, then on any rank.
    bool sum_dots(std::ptrdiff_t step, bool& due) noexcept {
        double* sums = dots_.of[step][step];
        const std::ptrdiff_t count = conditions_.learn ? 4 * (block_.steps - step) : 0;
        for (std::ptrdiff_t k = 0; k < count; ++k) sums[k] = block_.partial_dots[k];
        for (std::ptrdiff_t chunk = 1; chunk < chunks_of(state_.row_count); ++chunk) {
            const double* partial = block_.partial_dots + chunk * 4 * kBlockSteps;
            for (std::ptrdiff_t k = 0; k < count; ++k) sums[k] += partial[k];
        }
        bool finite = finite_.load(std::memory_order_relaxed);
        if (exchange_.is_needed()) exchange_.sum(sums, count, finite, due);
        return finite;
    }

    //! What each pair contributes to the products of a step.
    void find_strengths(std::ptrdiff_t step) noexcept {
        for (std::ptrdiff_t pair = 0; pair <= step; ++pair) {
            const double weight = conditions_.hyperparameters.learning_rate * powers_.of[step - pair + 1];
            const double* d = dots_.of[pair][step];
            Real* out = strengths_ + 4 * pair;
            out[0] = static_cast<Real>(weight * (lag_cosine_ * d[0] - lag_sine_ * d[2]));
            out[1] = static_cast<Real>(weight * (lag_sine_ * d[0] + lag_cosine_ * d[2]));
            out[2] = static_cast<Real>(weight * (lag_cosine_ * d[1] - lag_sine_ * d[3]));
            out[3] = static_cast<Real>(weight * (lag_sine_ * d[1] + lag_cosine_ * d[3]));
        }
    }

    //! Resonance and amplitudes of a step.
    void finish(std::ptrdiff_t step, std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) noexcept {
        const Kernels<Real>& kernel = kernels<Real>();
        const Hyperparameters& h = conditions_.hyperparameters;
        const std::ptrdiff_t pairs = conditions_.learn ? step + 1 : 0;
        const double keep = conditions_.learn ? powers_.of[step + 1] : 1;
        const BlockResonance<Real> resonance{row(block_.columns, 2 * step) + first,
                                             row(block_.columns, 2 * step + 1) + first,
                                             row(block_.products, 2 * step) + first,
                                             row(block_.products, 2 * step + 1) + first,
                                             static_cast<Real>(keep),
                                             block_.factors + first,
                                             stride_,
                                             pairs,
                                             strengths_};
        if (!kernel.block_resonance(resonance, end - first, block_.resonance + first))
            finite_.store(false, std::memory_order_relaxed);
        kernel.activate(block_.resonance + first, last - first, h.gain, h.amplitude_floor, state_.amplitudes + first);
        state_.hold_amplitudes(first, last);
    }

    State<Real>& state_;
    const Conditions& conditions_;
    const Powers& powers_;
    const Block<Real>& block_;
    BlockExchange<Real> exchange_;
    std::ptrdiff_t stride_;
    double lag_cosine_, lag_sine_;
    std::atomic<bool> finite_{true};
    Real strengths_[4 * kBlockSteps] = {};
    Dots dots_{};
};

}  // namespace

Powers::Powers(double decay) noexcept {
    for (std::ptrdiff_t k = 0; k <= kBlockSteps; ++k) of[k] = std::pow(decay, static_cast<double>(k));
}

template <class Real>
Status advance_amplitudes(State<Real>& state, const Conditions& conditions, const Powers& powers,
                          const Block<Real>& block, BlockWatch<Real>& watch, std::ptrdiff_t& done) noexcept {
    return Recursion<Real>(state, conditions, powers, block).advance(watch, done);
}

template Status advance_amplitudes(State<float>&, const Conditions&, const Powers&, const Block<float>&,
                                   BlockWatch<float>&, std::ptrdiff_t&) noexcept;
template Status advance_amplitudes(State<double>&, const Conditions&, const Powers&, const Block<double>&,
                                   BlockWatch<double>&, std::ptrdiff_t&) noexcept;

}  // namespace resonance::detail
