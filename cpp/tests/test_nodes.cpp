// What a step does for each node, on every instruction set.
#include <cmath>
#include <limits>

#include "cases.hpp"
#include "kernels/kernels.hpp"

using namespace resonance;

namespace {

template <class Real>
void check_nodes() {
    const double bound = 4.0 * std::numeric_limits<Real>::epsilon();
    const auto& kernel = detail::kernels<Real>();
    for (const std::ptrdiff_t n : test::sizes) {
        const auto count = static_cast<std::size_t>(n);
        auto phases = test::random_values<double>(count, 1, -90, 90);
        phases[0] = 12345.678;  // beyond the vectorised range
        std::vector<Real> cosines(count), sines(count);
        kernel.cosines_and_sines(phases.data(), n, cosines.data(), sines.data());
        for (std::size_t i = 0; i < count; ++i) {
            CHECK(std::abs(static_cast<double>(cosines[i]) - std::cos(phases[i])) <= bound);
            CHECK(std::abs(static_cast<double>(sines[i]) - std::sin(phases[i])) <= bound);
        }

        const auto amplitudes = test::random_values<Real>(count, 2);
        const double scale = 0.7, lag = 0.4;
        std::vector<Real> column_u(count), column_v(count), row_u(count), row_v(count);
        kernel.growth_factors(amplitudes.data(), cosines.data(), sines.data(), n, scale, std::cos(lag), std::sin(lag),
                              column_u.data(), column_v.data(), row_u.data(), row_v.data());
        for (std::size_t i = 0; i < count; ++i) {
            const double a = amplitudes[i];
            const long double lagged = static_cast<long double>(phases[i]) - lag;
            CHECK(std::abs(static_cast<double>(column_u[i]) - a * std::cos(phases[i])) <= bound);
            CHECK(std::abs(static_cast<double>(column_v[i]) - a * std::sin(phases[i])) <= bound);
            CHECK(std::abs(row_u[i] - scale * a * std::cos(lagged)) <= bound);
            CHECK(std::abs(row_v[i] - scale * a * std::sin(lagged)) <= bound);
        }

        auto cosine_sums = test::random_values<double>(count, 3), sine_sums = test::random_values<double>(count, 4);
        std::vector<double> resonance(count);
        const detail::Products<Real> products{cosines.data(), sines.data(), cosine_sums.data(), sine_sums.data()};
        CHECK(kernel.combine(products, n, resonance.data()));
        for (std::size_t i = 0; i < count; ++i)
            CHECK(std::abs(resonance[i] - (cosines[i] * cosine_sums[i] + sines[i] * sine_sums[i])) <= 1e-15);
        for (const double floor : {0.0, 0.2}) {
            std::vector<Real> activated(count);
            kernel.activate(resonance.data(), n, 2.5, floor, activated.data());
            for (std::size_t i = 0; i < count; ++i) {
                const double a = std::tanh(2.5 * resonance[i]);
                CHECK(std::abs(static_cast<double>(activated[i]) - (floor > 0 ? std::max(a, floor) : a)) <= bound);
            }
        }
        sine_sums[count - 1] = std::numeric_limits<double>::infinity();
        CHECK(!kernel.combine(products, n, resonance.data()));

        auto values = test::random_values<Real>(count, 5);
        CHECK(kernel.all_finite(values.data(), n));
        for (std::size_t i = 0; i < count; ++i) {
            auto broken = values;
            broken[i] = i % 2 == 0 ? std::numeric_limits<Real>::quiet_NaN() : -std::numeric_limits<Real>::infinity();
            CHECK(!kernel.all_finite(broken.data(), n));
        }
    }
    CHECK(kernel.all_finite(nullptr, 0));
}

}  // namespace

int main() {
    test::for_each_isa([](Isa) {
        check_nodes<float>();
        check_nodes<double>();
    });
    return test::result();
}
