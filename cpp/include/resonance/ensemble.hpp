//! Many small networks that are advanced together: one block of memory, and threads across networks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "resonance/network.hpp"

namespace resonance {

//! Inputs [rad/s] of all networks: each has `rows` rows, each held for `hold` steps. A row is one value for every node,
//! or n consecutive values. Strides count values; 0 gives all networks, or all rows, the same ones.
struct EnsembleInputs {
    const double* values = nullptr;
    std::ptrdiff_t rows = 1;
    bool per_node = false;
    std::int64_t hold = 1;
    std::ptrdiff_t network_stride = 0;
    std::ptrdiff_t row_stride = 0;
};

//! B networks of n nodes and one type, each with hyperparameters of its own.
//!
//! All of them lie in one block, at a constant distance, so that arrays of all networks can be read by strides. Each is
//! a Network in full, and may be used as one between two calls of the ensemble. run() advances every network on one
//! thread, with the bits that Network::run() gives for the same steps; but it goes in segments, so from some 100 nodes
//! on, where steps go by blocks, a run of several segments agrees with Network::run() to rounding.
//!
//! No call throws. One ensemble serves one thread at a time.
template <class Real>
class RESONANCE_API Ensemble {
public:
    //! `n_networks` networks as `options` say, which Network::create() makes. options.threads is the ensemble's: 0
    //! means num_threads() where a call has work enough for them. The networks take it for calls of their own.
    static Status create(std::ptrdiff_t n_networks, const Options& options,
                         std::unique_ptr<Ensemble>& ensemble) noexcept;
    //! Bytes of the networks, or 0 for sizes that can't be.
    static std::size_t storage_size(std::ptrdiff_t n_networks, const Options& options) noexcept;

    ~Ensemble();
    Ensemble(const Ensemble&) = delete;
    Ensemble& operator=(const Ensemble&) = delete;

    std::ptrdiff_t n_networks() const noexcept { return count_; }
    std::ptrdiff_t n_nodes() const noexcept { return (*this)[0].n_nodes(); }
    //! Network `index`, which must be in [0, n_networks).
    Network<Real>& operator[](std::ptrdiff_t index) const noexcept { return *networks_[index]; }
    //! Bytes from any array of one network to the same of the next.
    std::ptrdiff_t network_stride() const noexcept { return static_cast<std::ptrdiff_t>(stride_); }

    //! rows * hold steps of every network. It goes by segments of segment_steps(), and asks `interrupt` after each:
    //! then all networks have done `completed` steps. Before the first step, Status::non_finite or
    //! Status::phase_overflow for inputs that Network::run() refuses; nothing has changed then. Status::diverged where
    //! a network left the range of its type, as statuses() tell: all others have done the segment, to `completed`.
    Status run(const EnsembleInputs& inputs, double dt, Interrupt interrupt, std::int64_t& completed) noexcept;
    //! The same, and an observer of its own looks on in each network, on the thread that advances it. Where one stops
    //! its network, the others end the segment: Status::interrupted, with networks at different steps.
    Status run(const EnsembleInputs& inputs, double dt, span<Observer<Real>* const> observers, Interrupt interrupt,
               std::int64_t& completed) noexcept;
    //! (B,): how the last run() went with each network; Status::diverged or Status::ok.
    span<const Status> statuses() const noexcept { return {statuses_.get(), static_cast<std::size_t>(count_)}; }

    //! Steps that each network does before the next one has its turn: the same for any number of threads. Long enough
    //! for a network to stay in the caches, short enough to be interrupted soon.
    static std::int64_t segment_steps(std::ptrdiff_t n_networks, std::ptrdiff_t n_nodes) noexcept;

    //! Network::set_learning() of all.
    void set_learning(bool learning) noexcept;
    //! As Options::threads.
    Status set_threads(int threads) noexcept;
    int threads_setting() const noexcept { return threads_setting_; }
    int threads() const noexcept { return threads_for(1); }  //!< the number that the next single step will use

    //! Whether `pointer` lies in the networks' memory.
    bool owns(const void* pointer) const noexcept;

private:
    Ensemble() noexcept;

    Status place(const Options& options) noexcept;
    Status check(const EnsembleInputs& inputs, double dt) const noexcept;
    int threads_for(std::int64_t steps) const noexcept;
    bool reserve_scratch(int threads) noexcept;
    Status run_segment(const EnsembleInputs& inputs, double dt, span<Observer<Real>* const> observers,
                       std::int64_t first, std::int64_t last) noexcept;

    std::ptrdiff_t count_ = 0;
    std::size_t stride_ = 0;
    std::byte* memory_ = nullptr;
    std::unique_ptr<Network<Real>*[]> networks_;
    std::unique_ptr<Status[]> statuses_;
    std::unique_ptr<detail::Scratch[]> scratch_;  //!< one a thread
    int scratches_ = 0;
    int threads_setting_ = 1;
};

extern template class Ensemble<float>;
extern template class Ensemble<double>;

}  // namespace resonance
