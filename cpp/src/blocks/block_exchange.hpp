//! What the ranks of a network tell each other about a block of steps.
//!
//! Within a block each rank follows its own nodes, and needs the dot products of all: their sums are exchanged at every
//! step. What others need of a node for a pass over their weights is its amplitude before every step, from which its
//! growth follows, and after the last: one exchange a block, and one for each moment within it that somebody looks at.
//! Without a history, who needs them gathers the factors.
#pragma once

#include <cstddef>

#include "../all_ranks.hpp"
#include "../state.hpp"
#include "layout.hpp"
#include "recursion.hpp"
#include "resonance/status.hpp"

namespace resonance::detail {

//! Numbers of a node that are exchanged together: its amplitudes before each step of a block, and now.
inline constexpr std::ptrdiff_t kExchanged = kBlockSteps + 1;

template <class Real>
class BlockExchange {
public:
    //! `history`: n kExchanged numbers, or null.
    BlockExchange(State<Real>& state, const Block<Real>& block, Real* history) noexcept
        : state_(state), block_(block), history_(history), stride_(row_stride<Real>(state.n)) {}

    bool is_needed() const noexcept { return state_.is_shard(); }
    bool has_failed() const noexcept { return failed_; }

    //! Keeps the amplitudes before step `step` of nodes first .. last - 1.
    void keep(std::ptrdiff_t step, std::ptrdiff_t first, std::ptrdiff_t last) noexcept {
        if (history_ == nullptr) return;
        for (std::ptrdiff_t i = first; i < last; ++i) history_[i * kExchanged + step] = state_.amplitudes[i];
    }

    //! Adds up `count` numbers over all ranks. `holds` becomes whether it holds on all of them, `wanted` whether it is
    //! on any: somebody may look on one rank alone, by the clock.
    void sum(double* numbers, std::ptrdiff_t count, bool& holds, bool& wanted) noexcept {
        double shared[4 * kBlockSteps + 2];
        for (std::ptrdiff_t k = 0; k < count; ++k) shared[k] = numbers[k];
        shared[count] = holds ? 0 : 1;
        shared[count + 1] = wanted ? 1 : 0;
        if (!state_.exchange.sum(state_.exchange.context, shared, static_cast<std::size_t>(count) + 2, sizeof(double)))
            failed_ = true;
        for (std::ptrdiff_t k = 0; k < count; ++k) numbers[k] = shared[k];
        holds = shared[count] == 0;
        wanted = shared[count + 1] != 0;
    }

    //! Brings the others' amplitudes; with a history, also the factors of `steps` steps of their nodes.
    void share(std::ptrdiff_t steps) noexcept {
        if (history_ == nullptr) {
            if (!state_.exchange.gather(state_.exchange.context, state_.amplitudes, sizeof(Real))) failed_ = true;
            return;
        }
        keep(kBlockSteps, state_.first_row, state_.first_row + state_.row_count);
        if (!state_.exchange.gather(state_.exchange.context, history_, kExchanged * sizeof(Real))) failed_ = true;
        take(0, state_.first_row, steps);
        take(state_.first_row + state_.row_count, state_.n, steps);
    }

private:
    void take(std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t steps) noexcept {
        for (std::ptrdiff_t i = first; i < last; ++i) state_.amplitudes[i] = history_[i * kExchanged + kBlockSteps];
        for (std::ptrdiff_t step = 0; step < steps; ++step) {
            const Real *cosines = block_.columns + 2 * step * stride_, *sines = cosines + stride_;
            Real *u = block_.factors + 2 * step * stride_, *v = u + stride_;
            for (std::ptrdiff_t i = first; i < last; ++i) {
                const Real amplitude = history_[i * kExchanged + step];
                u[i] = amplitude * cosines[i];
                v[i] = amplitude * sines[i];
            }
        }
    }

    State<Real>& state_;
    const Block<Real>& block_;
    Real* history_;
    std::ptrdiff_t stride_;
    bool failed_ = false;
};

//! Whether all ranks of a state can go by blocks, each with whole vectors of nodes and `memory`: else
//! Status::out_of_memory.
template <class Real>
Status all_can_block(const State<Real>& state, const void* memory) noexcept {
    constexpr std::ptrdiff_t vector = kVectorAlignment / sizeof(float);
    const NodeRange own = state.own_nodes();
    const bool whole = own.first % vector == 0 && (own.last % vector == 0 || own.last == state.n);
    AllRanks ranks(state.exchange, nullptr);
    const bool fails = ranks.any(memory == nullptr || !whole);
    if (ranks.have_failed()) return Status::exchange_failed;
    return fails ? Status::out_of_memory : Status::ok;
}

}  // namespace resonance::detail
