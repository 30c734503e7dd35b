//! A moment within a block of steps, put together from what the block knows.
#pragma once

#include "../engines/conditions.hpp"
#include "../engines/watch.hpp"
#include "../state.hpp"
#include "pending.hpp"
#include "recursion.hpp"
#include "timeline.hpp"

namespace resonance::detail {

//! Where a block stands in its run, before its first step is completed.
template <class Real>
struct BlockPlace {
    State<Real>& state;
    const Conditions& conditions;
    const Timeline& timeline;
    const Pending<Real>& pending;  //!< of the steps before the block
    const Powers& powers;
    std::int64_t completed;  //!< steps of the run before the block
    double* phases;          //!< scratch of n values
};

template <class Real>
class BlockMoment final : public Moment<Real> {
public:
    BlockMoment(const BlockPlace<Real>& place, const Block<Real>& block) noexcept;

    //! Moves on to the moment after step `step` of the block.
    void move_to(std::ptrdiff_t step) noexcept;

    std::int64_t step() const noexcept override;
    std::int64_t step_count() const noexcept override;
    double time() const noexcept override;
    std::complex<double> order_parameter() const noexcept override;
    span<const double> phases() const noexcept override;
    span<const Real> amplitudes() const noexcept override;
    span<const double> resonance() const noexcept override;
    void weights(span<const std::int64_t> rows, span<const std::int64_t> columns, Real* block) const noexcept override;
    void own_weights(std::ptrdiff_t first, std::ptrdiff_t count, Real* block) const noexcept override;
    void show() noexcept override;
    void hide() noexcept override;
    bool has_weights_of_network() const noexcept override { return false; }

private:
    void swap_with_state() noexcept;
    Pending<Real> pending_here() const noexcept;
    //! Of other ranks' nodes the block knows amplitudes alone.
    bool is_partial() const noexcept { return place_.state.is_shard() && block_.history == nullptr; }

    BlockPlace<Real> place_;
    const Block<Real>& block_;
    std::ptrdiff_t done_ = 0;  //!< steps of the block
    double time_;              //!< [s]
    std::int64_t first_step_count_;
    mutable std::ptrdiff_t phases_at_ = 0;    //!< steps that place_.phases have done
    mutable std::ptrdiff_t gathered_at_ = 0;  //!< steps that all ranks' factors were brought for
    // While the state shows this moment, place_.phases and these are what it had before.
    bool shows_ = false;
    std::int64_t hidden_step_count_ = 0;
    double hidden_time_ = 0;
};

//! Asks the observer after the steps of a block that it wants to see.
template <class Real>
class BlockWatch {
public:
    BlockWatch(const Watch<Real>& watch, const BlockPlace<Real>& place, const Block<Real>& block) noexcept
        : watch_(watch), completed_(place.completed), moment_(place, block) {}

    //! Whether somebody looks after step `step` of the block.
    bool is_due(std::ptrdiff_t step) const noexcept { return watch_.is_due(completed_ + step + 1); }

    //! After step `step` of the block: false where the run is to stop there.
    bool after(std::ptrdiff_t step) noexcept {
        if (!is_due(step)) return true;
        moment_.move_to(step);
        return watch_.observer->observe(moment_);
    }

private:
    const Watch<Real>& watch_;
    std::int64_t completed_;
    BlockMoment<Real> moment_;
};

extern template class BlockMoment<float>;
extern template class BlockMoment<double>;

}  // namespace resonance::detail
