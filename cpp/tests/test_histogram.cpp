#include "../bench/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "cases.hpp"
#include "check.hpp"

using resonance::bench::Histogram;

namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

// Buckets follow each other without a gap, every time lies in its own, and none is wider than 1/128 of its times.
void test_buckets() {
    CHECK(Histogram::lowest(0) == 0);
    CHECK(Histogram::highest(Histogram::kBuckets - 1) == kLargest);
    CHECK(Histogram::bucket(kLargest) == Histogram::kBuckets - 1);
    for (std::size_t k = 0; k < Histogram::kBuckets; ++k) {
        const std::int64_t lowest = Histogram::lowest(k), highest = Histogram::highest(k);
        CHECK(lowest <= highest);
        CHECK(Histogram::bucket(lowest) == k && Histogram::bucket(highest) == k);
        CHECK(k == 0 || lowest == Histogram::highest(k - 1) + 1);
        CHECK(highest - lowest <= lowest / 128);
        CHECK(lowest >= 256 || highest == lowest);
    }
}

// The time that a share p of the sorted times does not exceed.
std::int64_t exact_quantile(const std::vector<std::int64_t>& sorted, double p) {
    const double rank = std::ceil(p * static_cast<double>(sorted.size()) - 1e-6);
    return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

void test_quantiles(std::vector<std::int64_t> times) {
    const auto histogram = std::make_unique<Histogram>();
    for (const std::int64_t time : times) histogram->record(time);
    std::sort(times.begin(), times.end());
    CHECK(histogram->count() == static_cast<std::int64_t>(times.size()));
    CHECK(histogram->minimum() == times.front());
    CHECK(histogram->maximum() == times.back());
    CHECK(histogram->quantile(1) == times.back());
    for (const double p : {0.0, 0.01, 0.07, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
        const std::int64_t exact = exact_quantile(times, p), found = histogram->quantile(p);
        CHECK(found >= exact);
        CHECK(found - exact <= exact / 128);
    }
    std::int64_t total = 0;
    for (std::size_t k = 0; k < Histogram::kBuckets; ++k) {
        const auto below = [](std::int64_t time) { return [time](std::int64_t other) { return other <= time; }; };
        total += histogram->count(k);
        if (histogram->count(k) > 0)
            CHECK(total == std::count_if(times.begin(), times.end(), below(Histogram::highest(k))));
    }
    CHECK(total == histogram->count());
}

// Times from lowest to highest [ns], of equal density in each octave.
std::vector<std::int64_t> scattered_times(std::size_t count, double lowest, double highest) {
    std::vector<std::int64_t> times;
    for (const double share : resonance::test::random_values<double>(count, 1, 0, 1))
        times.push_back(static_cast<std::int64_t>(lowest * std::pow(highest / lowest, share)));
    return times;
}

// A share that stands for a whole number of times means that number, though 0.07 * 100 comes out above 7.
void test_whole_ranks() {
    const auto histogram = std::make_unique<Histogram>();
    for (std::int64_t time = 1; time <= 100; ++time) histogram->record(time);
    for (int percent = 1; percent <= 100; ++percent) CHECK(histogram->quantile(percent / 100.0) == percent);
}

void test_ends() {
    const auto histogram = std::make_unique<Histogram>();
    CHECK(histogram->count() == 0 && histogram->minimum() == 0 && histogram->maximum() == 0);
    CHECK(histogram->quantile(0.5) == 0);
    // A clock that goes back gives times below 0.
    histogram->record(-5);
    CHECK(histogram->count(0) == 1 && histogram->minimum() == 0 && histogram->maximum() == 0);
    histogram->record(kLargest);
    CHECK(histogram->maximum() == kLargest && histogram->quantile(1) == kLargest);
    CHECK(histogram->quantile(0.5) == 0);
    *histogram = Histogram();
    CHECK(histogram->count() == 0 && histogram->count(0) == 0 && histogram->maximum() == 0);
}

}  // namespace

int main() {
    test_buckets();
    test_quantiles({1000});
    test_quantiles({3, 3, 3, 200, 255, 256, 257, 511, 512, 513});
    test_quantiles(scattered_times(1000, 1000, 3000));
    test_quantiles(scattered_times(100000, 1000, 1e8));
    test_quantiles(scattered_times(100000, 0.5, 1e15));
    test_whole_ranks();
    test_ends();
    return resonance::test::result();
}
