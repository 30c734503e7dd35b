//! How to look at a network in the middle of a run, without changing a bit of what follows.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "resonance/export.hpp"
#include "resonance/span.hpp"

namespace resonance {

//! A network after a completed step of a run, or before the first. Valid while Observer::observe() looks at it.
//!
//! A run keeps many steps' growth apart from the weights and phases of its own, so the network itself can't be asked:
//! what is read here is put together beside the run, when it is asked for.
template <class Real>
class RESONANCE_API Moment {
public:
    virtual std::int64_t step() const noexcept = 0;        //!< steps of the run that are done
    virtual std::int64_t step_count() const noexcept = 0;  //!< steps that the network has done in all
    virtual double time() const noexcept = 0;              //!< sum of all its time steps [s]

    //! Mean of exp(i phi) [1], from cosines and sines of type Real.
    virtual std::complex<double> order_parameter() const noexcept = 0;
    virtual span<const double> phases() const noexcept = 0;    //!< (n,) [rad], in [0, 2 pi)
    virtual span<const Real> amplitudes() const noexcept = 0;  //!< (n,) [1]
    //! (n,) [1]: sum_j W_ij cos(phi_i - phi_j). Before the first step a pass over the weights, else known.
    virtual span<const double> resonance() const noexcept = 0;
    //! Writes W[rows, columns] [1] to `block`, row after row. A span without data stands for all nodes; indices are in
    //! [0, n).
    virtual void weights(span<const std::int64_t> rows, span<const std::int64_t> columns,
                         Real* block) const noexcept = 0;
    //! The same for `count` rows from `first` on, which this rank of a network has, and all columns. Ranks that share a
    //! network meet in all that is asked of weights, resonance and order parameter; here they meet in the first call at
    //! a moment, and then each may read on by itself.
    virtual void own_weights(std::ptrdiff_t first, std::ptrdiff_t count, Real* block) const noexcept = 0;

    //! Between show() and hide() the network's own phases, step count and time are those of this moment, for readers
    //! that hold views of them.
    virtual void show() noexcept = 0;
    virtual void hide() noexcept = 0;
    //! Whether its weights are, too.
    virtual bool has_weights_of_network() const noexcept = 0;

protected:
    Moment() = default;
    Moment(const Moment&) = default;
    Moment& operator=(const Moment&) = default;
    ~Moment() = default;
};

//! Who looks at a network in the middle of a run.
template <class Real>
class RESONANCE_API Observer {
public:
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    //! The number of done steps of the run from which on it wants to look; 0 is before the first. observe() moves it
    //! on; Interrupt::requested may lower it.
    std::int64_t next = 0;

    //! Looks, on the thread that called run(). False stops the run there.
    virtual bool observe(Moment<Real>& moment) noexcept = 0;

protected:
    Observer() = default;
    Observer(const Observer&) = default;
    Observer& operator=(const Observer&) = default;
    ~Observer() = default;
};

}  // namespace resonance
