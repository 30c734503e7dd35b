//! Times in nanoseconds, counted in buckets of equal relative width.
//!
//! The layout is that of HDR histograms: log-linear. Each octave has 128 buckets of equal width, so a bucket is at most
//! 1/128 of its values wide, and times below 256 ns have a bucket each. With h the position of the highest bit of a
//! time t and s = max(0, h - 7), its bucket is 128 s + floor(t / 2^s), which ascends with t. All times that fit the
//! type have a bucket, so memory is fixed (57 KiB), and to record a time is to raise a few integers.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace resonance::bench {

class Histogram {
public:
    static constexpr unsigned kSubBucketBits = 7;
    static constexpr std::size_t kSubBuckets = std::size_t{1} << kSubBucketBits;  //!< in an octave
    static constexpr std::size_t kBuckets = (64 - kSubBucketBits) * kSubBuckets;

    //! Count one time [ns]; one below 0 counts as 0.
    void record(std::int64_t time) noexcept {
        time = std::max<std::int64_t>(time, 0);
        ++counts_[bucket(time)];
        ++count_;
        minimum_ = std::min(minimum_, time);
        maximum_ = std::max(maximum_, time);
    }

    std::int64_t count() const noexcept { return count_; }
    std::int64_t count(std::size_t bucket) const noexcept { return counts_[bucket]; }
    std::int64_t minimum() const noexcept { return count_ > 0 ? minimum_ : 0; }  //!< exact [ns]; 0 where nothing is
    std::int64_t maximum() const noexcept { return maximum_; }                   //!< exact [ns]; 0 where nothing is

    //! The time [ns] that a share p in [0, 1] of all times does not exceed, from above: at most 1/128 too large, and
    //! never beyond the maximum. 0 where nothing is recorded.
    std::int64_t quantile(double p) const noexcept {
        if (count_ == 0) return 0;
        // p * count may come out a rounding error above the whole number that it stands for.
        const double wanted = std::ceil(p * static_cast<double>(count_) - 1e-6);
        const std::int64_t rank = std::clamp<std::int64_t>(static_cast<std::int64_t>(wanted), 1, count_);
        std::int64_t seen = 0;
        for (std::size_t k = 0; k < kBuckets; ++k) {
            seen += counts_[k];
            if (seen >= rank) return std::min(highest(k), maximum_);
        }
        return maximum_;
    }

    //! Where a time [ns], at least 0, is counted.
    static constexpr std::size_t bucket(std::int64_t time) noexcept {
        const auto value = static_cast<std::uint64_t>(time);
        unsigned shift = 0;
        while ((value >> shift) >= 2 * kSubBuckets) ++shift;
        return shift * kSubBuckets + static_cast<std::size_t>(value >> shift);
    }
    //! The lowest time [ns] of a bucket.
    static constexpr std::int64_t lowest(std::size_t bucket) noexcept {
        if (bucket < 2 * kSubBuckets) return static_cast<std::int64_t>(bucket);
        const std::size_t shift = bucket / kSubBuckets - 1;
        return static_cast<std::int64_t>(std::uint64_t{bucket - shift * kSubBuckets} << shift);
    }
    //! The highest time [ns] of a bucket.
    static constexpr std::int64_t highest(std::size_t bucket) noexcept {
        return bucket + 1 < kBuckets ? lowest(bucket + 1) - 1 : std::numeric_limits<std::int64_t>::max();
    }

private:
    std::array<std::int64_t, kBuckets> counts_ = {};
    std::int64_t count_ = 0;
    std::int64_t minimum_ = std::numeric_limits<std::int64_t>::max();
    std::int64_t maximum_ = 0;
};

}  // namespace resonance::bench
