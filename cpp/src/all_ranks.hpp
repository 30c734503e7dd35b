//! What the ranks that share a network find together. All ranks make the same calls, and get the same answers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "resonance/exchange.hpp"
#include "resonance/nonblocking.hpp"

namespace resonance::detail {

class AllRanks {
public:
    //! The most numbers that a rank may have for collect().
    static constexpr std::ptrdiff_t kMostCollected = 32;

    //! Numbers of scratch that collect() and take_largest() need.
    static std::size_t scratch(const Exchange& exchange) noexcept {
        return exchange.sum == nullptr ? 0 : static_cast<std::size_t>(exchange.ranks * kMostCollected);
    }

    AllRanks() = default;
    AllRanks(const Exchange& exchange, double* scratch) noexcept : exchange_(exchange), scratch_(scratch) {}

    //! No more than this one, of which all that follows is true already.
    bool is_one() const noexcept { return exchange_.sum == nullptr; }
    std::ptrdiff_t count() const noexcept { return is_one() ? 1 : exchange_.ranks; }
    //! An exchange has failed. Answers since then are worthless.
    bool have_failed() const noexcept { return failed_; }
    void fail() noexcept { failed_ = true; }

    //! Adds up numbers of all ranks, in place.
    void sum(double* numbers, std::ptrdiff_t count) noexcept RESONANCE_NONBLOCKING {
        if (is_one() || failed_ || count == 0) return;
        failed_ = !exchange_.sum(exchange_.context, numbers, static_cast<std::size_t>(count), sizeof(double));
    }

    bool any(bool own) noexcept RESONANCE_NONBLOCKING {
        double count = own ? 1 : 0;
        sum(&count, 1);
        return count != 0;
    }

    //! The numbers of all ranks, one rank behind the other.
    const double* collect(const double* own, std::ptrdiff_t count) noexcept RESONANCE_NONBLOCKING {
        if (is_one()) return own;
        std::fill_n(scratch_, exchange_.ranks * count, 0.0);
        std::copy_n(own, count, scratch_ + exchange_.rank * count);
        sum(scratch_, exchange_.ranks * count);
        return scratch_;
    }

    //! Of each number, the largest on any rank, in place.
    void take_largest(double* numbers, std::ptrdiff_t count) noexcept RESONANCE_NONBLOCKING {
        if (is_one()) return;
        const double* all = collect(numbers, count);
        for (std::ptrdiff_t k = 0; k < exchange_.ranks * count; ++k)
            numbers[k % count] = std::max(numbers[k % count], all[k]);
    }

private:
    Exchange exchange_;
    double* scratch_ = nullptr;
    bool failed_ = false;
};

}  // namespace resonance::detail
