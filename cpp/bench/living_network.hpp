//! A network that stays alive, and inputs that change with every tick.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "resonance/network.hpp"

namespace resonance::bench {

//! A value in (-1, 1) for each index, the same everywhere.
inline double scattered(std::size_t index) noexcept {
    const double x = 0.6180339887498949 * static_cast<double>(index + 1);
    return 2 * (x - std::floor(x)) - 1;
}

template <class Real = double>
std::vector<Real> scattered_values(std::size_t count, double scale, double centre) {
    std::vector<Real> values(count);
    for (std::size_t k = 0; k < count; ++k) values[k] = static_cast<Real>(centre + scale * scattered(k));
    return values;
}

//! A network on one thread with gain 30/n, at which it never falls silent: its numbers would become so small that some
//! processors slow down for them.
template <class Real>
class LivingNetwork {
public:
    LivingNetwork(std::int64_t n, double coupling, double dt)
        : dt_(dt), input_(static_cast<std::size_t>(n)), rows_(scattered_values<Real>(kRows * input_.size(), 1.5, 0)) {
        Options options;
        options.n_nodes = static_cast<std::ptrdiff_t>(n);
        options.hyperparameters.gain = 30.0 / static_cast<double>(n);
        options.hyperparameters.coupling = coupling;
        status_ = Network<Real>::create(options, network_);
        if (status_ != Status::ok) return;
        const std::vector<Real> weights = scattered_values<Real>(input_.size() * input_.size(), 0.01, 0);
        for (const Status each : {network_->set_phases(scattered_values(input_.size(), 3, 3)),
                                  network_->set_frequencies(scattered_values(input_.size(), 0.2, 1)),
                                  network_->set_weight_rows(0, span<const Real>(weights))})
            if (status_ == Status::ok) status_ = each;
    }

    //! The first thing that went wrong, if anything did.
    Status status() const noexcept { return status_; }

    //! Have new inputs at hand, as a loop has that has just read its sensors.
    void sense() noexcept {
        row_ = (row_ + 1) % kRows;
        std::copy_n(rows_.data() + row_ * input_.size(), input_.size(), input_.data());
    }

    void update() noexcept {
        const Status status = network_->update(span<const Real>(input_), dt_);
        if (status_ == Status::ok) status_ = status;
    }

    std::int64_t step_count() const noexcept { return network_->step_count(); }

    //! The largest of |a| [1]; near 0 where the network has fallen silent.
    double largest_amplitude() const noexcept {
        double largest = 0;
        for (const Real amplitude : network_->amplitudes())
            largest = std::max(largest, std::abs(static_cast<double>(amplitude)));
        return largest;
    }

private:
    static constexpr std::size_t kRows = 64;

    double dt_;  //!< [s]
    std::vector<Real> input_;
    std::vector<Real> rows_;
    std::size_t row_ = 0;
    std::unique_ptr<Network<Real>> network_;
    Status status_ = Status::ok;
};

}  // namespace resonance::bench
