//! The inputs of a run as a sequence of steps, and where in it the run is.
#pragma once

#include <algorithm>
#include <cstdint>

#include "resonance/network.hpp"

namespace resonance::detail {

class Timeline {
public:
    Timeline(const Inputs& inputs, std::ptrdiff_t n) noexcept
        : inputs_(inputs), width_(inputs.per_node ? n : 1), steps_(inputs.rows * inputs.hold - inputs.skip) {}

    bool per_node() const noexcept { return inputs_.per_node; }
    std::int64_t steps() const noexcept { return steps_; }
    std::int64_t left() const noexcept { return steps_ - done_; }
    //! Steps for which each input stays the same.
    std::int64_t hold() const noexcept { return inputs_.hold; }
    //! The same for the present input, from now on.
    std::int64_t held() const noexcept {
        if (inputs_.rows == 1) return left();
        return std::min(left(), inputs_.hold - (inputs_.skip + done_) % inputs_.hold);
    }
    //! The input of the step that is `ahead` steps from now.
    const double* input(std::int64_t ahead = 0) const noexcept {
        return inputs_.values + static_cast<std::ptrdiff_t>((inputs_.skip + done_ + ahead) / inputs_.hold) * width_;
    }
    void advance(std::int64_t steps) noexcept { done_ += steps; }

private:
    const Inputs& inputs_;
    std::ptrdiff_t width_;
    std::int64_t steps_;
    std::int64_t done_ = 0;
};

}  // namespace resonance::detail
