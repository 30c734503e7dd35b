// The bodies of the vector math against long double, in units of the last place. Compiled for the baseline; the other
// instruction sets are held to it in test_nodes.
#define RESONANCE_VECTOR_BYTES 16
#define RESONANCE_TILE_ROWS 2
#include "kernels/exponential.hpp"
#include "kernels/vector_math.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "check.hpp"

namespace {

template <class Real>
double error_in_ulp(Real value, long double exact) {
    const Real nearest = std::abs(static_cast<Real>(exact));
    const double ulp =
        std::max(static_cast<double>(std::nextafter(nearest, static_cast<Real>(INFINITY)) - nearest), 1e-320);
    return static_cast<double>(std::abs(static_cast<long double>(value) - exact) / ulp);
}

//! 2^x of one number, through a whole register.
template <class Real>
Real power_of_two_of(Real x) {
    return resonance::detail::power_of_two<Real>(resonance::detail::Vec<Real>::broadcast(x))[0];
}

template <class Real>
void check_power_of_two() {
    constexpr Real lowest = resonance::detail::PowerOfTwo<Real>::lowest;
    double worst = 0;
    for (int k = 0; k <= 30000; ++k)
        for (const long double x : {k * -1e-3L, k * static_cast<long double>(lowest) / 30000}) {
            const auto rounded = static_cast<Real>(x);
            worst =
                std::max(worst, error_in_ulp(power_of_two_of(rounded), std::exp2(static_cast<long double>(rounded))));
        }
    std::printf("largest error: 2^x %.2f ulp\n", worst);
    CHECK(worst < 1.5);
    CHECK(power_of_two_of(Real(0)) == 1 && power_of_two_of(Real(-1)) == Real(0.5));
    CHECK(power_of_two_of(lowest) == std::numeric_limits<Real>::min());
    CHECK(power_of_two_of(std::nextafter(lowest, -static_cast<Real>(INFINITY))) == 0);
    CHECK(power_of_two_of(-static_cast<Real>(INFINITY)) == 0);
    CHECK(power_of_two_of(std::numeric_limits<Real>::lowest()) == 0);
    CHECK(std::isnan(power_of_two_of(static_cast<Real>(NAN))));
}

}  // namespace

int main() {
    using namespace resonance::detail;
    double worst_sine = 0, worst_cosine = 0, worst_tanh = 0;
    const auto look = [&](double x) {
        double sine, cosine;
        sine_cosine(x, sine, cosine);
        worst_sine = std::max(worst_sine, error_in_ulp(sine, std::sin(static_cast<long double>(x))));
        worst_cosine = std::max(worst_cosine, error_in_ulp(cosine, std::cos(static_cast<long double>(x))));
    };
    for (int k = -200000; k <= 200000; ++k) look(k * 5e-4 + 1e-7);
    // Next to multiples of pi/2, where most digits cancel in the reduction.
    for (int k = -63; k <= 63; ++k)
        for (int step = -200; step <= 200; ++step) {
            double x = k * 1.5707963267948966;
            for (int s = 0; s < std::abs(step); ++s) x = std::nextafter(x, step < 0 ? -INFINITY : INFINITY);
            if (std::abs(x) <= kReducedRange) look(x);
        }
    std::printf("largest error: sin %.2f ulp, cos %.2f ulp\n", worst_sine, worst_cosine);
    CHECK(worst_sine < 2.5);
    CHECK(worst_cosine < 2.5);

    for (int k = -300000; k <= 300000; ++k) {
        const double x = k * 1e-4;
        worst_tanh = std::max(worst_tanh, error_in_ulp(hyperbolic_tangent(x), std::tanh(static_cast<long double>(x))));
    }
    for (double x = 1e-300; x < 1; x *= 1.37)
        worst_tanh = std::max(worst_tanh, error_in_ulp(hyperbolic_tangent(x), std::tanh(static_cast<long double>(x))));
    std::printf("largest error: tanh %.2f ulp\n", worst_tanh);
    CHECK(worst_tanh < 3);

    double worst_logarithm = 0;
    const auto look_at_logarithm = [&](double x) {
        const long double exact = std::log(static_cast<long double>(x));
        worst_logarithm = std::max(worst_logarithm, error_in_ulp(natural_logarithm(x), exact));
    };
    for (int k = 1; k <= 400000; ++k) look_at_logarithm(k / 400000.0);
    for (double x = 0x1p-53; x <= 1; x *= 1.0000937) look_at_logarithm(x);
    for (int k = 1; k <= 100; ++k)  // next to 1, and to where k changes
        for (const double x :
             {1 - k * 0x1p-53, std::ldexp(0x1.6a09e667f3bcdp-1 - 50 * 0x1p-53 + k * 0x1p-53, -(k % 9))})
            look_at_logarithm(x);
    std::printf("largest error: ln %.2f ulp\n", worst_logarithm);
    CHECK(worst_logarithm < 2);
    CHECK(natural_logarithm(1.0) == 0 && natural_logarithm(0x1p-53) == -53 * std::log(2.0));

    double sine, cosine;
    sine_cosine(0.0, sine, cosine);
    CHECK(sine == 0 && cosine == 1);
    CHECK(hyperbolic_tangent(0.0) == 0);
    CHECK(hyperbolic_tangent(1e300) == 1 && hyperbolic_tangent(-1e300) == -1);
    CHECK(hyperbolic_tangent(INFINITY) == 1 && hyperbolic_tangent(-INFINITY) == -1);
    CHECK(std::isnan(hyperbolic_tangent(NAN)));
    check_power_of_two<float>();
    check_power_of_two<double>();
    return resonance::test::result();
}
