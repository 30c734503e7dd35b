//! Choices out of the bytes that a fuzzer makes; behind their end all are the first one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace fuzz {

class Draws {
public:
    Draws(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

    bool left() const { return left_ > 0; }
    std::uint8_t byte() {
        if (left_ == 0) return 0;
        --left_;
        return *data_++;
    }
    int below(int end) { return byte() % end; }
    bool one_in(int times) { return below(times) == times - 1; }

    //! Mostly a calm number, sometimes one of the awkward ones or of any bits.
    double number() {
        using Limits = std::numeric_limits<double>;
        const double awkward[] = {0.0,
                                  -0.0,
                                  Limits::quiet_NaN(),
                                  Limits::infinity(),
                                  -Limits::infinity(),
                                  1e308,
                                  -1e308,
                                  Limits::denorm_min(),
                                  1e39,
                                  3.4028235e38,
                                  -6.28318531,
                                  1e-300,
                                  9.3e18,
                                  1.0,
                                  -1.0,
                                  0.5};
        const int kind = below(16);
        if (kind < 13) return (byte() - 128) / 32.0;
        if (kind < 15) return awkward[below(16)];
        std::uint64_t bits = 0;
        for (int k = 0; k < 8; ++k) bits = bits << 8 | byte();
        double value;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }

    //! Mostly an index below n.
    std::int64_t index(std::int64_t n) {
        const std::int64_t wrong[] = {-1, n, std::numeric_limits<std::int64_t>::min(),
                                      std::numeric_limits<std::int64_t>::max()};
        return one_in(16) ? wrong[below(4)] : byte() % n;
    }

    //! Mostly n; else another length, which an array may or may not have.
    std::int64_t length(std::int64_t n) {
        const std::int64_t wrong[] = {n - 1, n + 1, 0, -1, std::numeric_limits<std::int64_t>::max()};
        return one_in(16) ? wrong[below(5)] : n;
    }

    //! Numbers in an allocation of exactly their size, so that a read beyond it is found.
    template <class Real>
    std::vector<Real> numbers(std::int64_t count) {
        const auto first = static_cast<Real>(small_enough<Real>(number()));
        std::vector<Real> values(count < 0 || count > 400000 ? 1 : static_cast<std::size_t>(count), first);
        for (std::size_t k = 0; k < values.size(); ++k)
            if (left_ > 0 && k < 8) values[k] = static_cast<Real>(small_enough<Real>(number()));
        values.shrink_to_fit();
        return values;
    }

private:
    //! Conversions beyond the range of the type are not the library's.
    template <class Real>
    static double small_enough(double value) {
        const auto most = static_cast<double>(std::numeric_limits<Real>::max());
        return value > most    ? std::numeric_limits<double>::infinity()
               : value < -most ? -std::numeric_limits<double>::infinity()
                               : value;
    }

    const std::uint8_t* data_;
    std::size_t left_;
};

}  // namespace fuzz
