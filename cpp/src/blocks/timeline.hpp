//! The inputs of a run as a sequence of steps, and where in it the run is.
#pragma once

#include <algorithm>
#include <cstdint>

#include "resonance/network.hpp"

namespace resonance::detail {

class Timeline {
public:
    Timeline(const Inputs& inputs, std::ptrdiff_t n) noexcept
        : Timeline(inputs, inputs.per_node ? n : 1, inputs.skip, inputs.rows * inputs.hold) {}
    //! Steps first .. last - 1 of inputs whose rows begin `row_stride` values apart.
    Timeline(const Inputs& inputs, std::ptrdiff_t row_stride, std::int64_t first, std::int64_t last) noexcept
        : inputs_(inputs), row_stride_(row_stride), last_(last), done_(first) {}

    bool per_node() const noexcept { return inputs_.per_node; }
    //! Of all inputs, also where only some of them are this timeline's.
    std::int64_t steps() const noexcept { return inputs_.rows * inputs_.hold; }
    std::int64_t left() const noexcept { return last_ - done_; }
    //! Steps for which each input stays the same.
    std::int64_t hold() const noexcept { return inputs_.hold; }
    //! The same for the present input, from now on.
    std::int64_t held() const noexcept {
        if (inputs_.rows == 1) return left();
        return std::min(left(), inputs_.hold - done_ % inputs_.hold);
    }
    //! The input of the step that is `ahead` steps from now.
    const double* input(std::int64_t ahead = 0) const noexcept {
        return inputs_.values + static_cast<std::ptrdiff_t>((done_ + ahead) / inputs_.hold) * row_stride_;
    }
    void advance(std::int64_t steps) noexcept { done_ += steps; }

private:
    const Inputs& inputs_;
    std::ptrdiff_t row_stride_;
    std::int64_t last_;
    std::int64_t done_;
};

}  // namespace resonance::detail
