// The bodies of the vector math against long double, in units of the last place. Compiled for the baseline; the other
// instruction sets are held to it in test_nodes.
#define RESONANCE_VECTOR_BYTES 16
#define RESONANCE_TILE_ROWS 2
#include "kernels/vector_math.hpp"

#include <algorithm>
#include <cmath>

#include "check.hpp"

namespace {

double error_in_ulp(double value, long double exact) {
    const double nearest = static_cast<double>(exact);
    const double ulp = std::max(std::nextafter(std::abs(nearest), INFINITY) - std::abs(nearest), 1e-320);
    return static_cast<double>(std::abs(static_cast<long double>(value) - exact) / ulp);
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

    double sine, cosine;
    sine_cosine(0.0, sine, cosine);
    CHECK(sine == 0 && cosine == 1);
    CHECK(hyperbolic_tangent(0.0) == 0);
    CHECK(hyperbolic_tangent(1e300) == 1 && hyperbolic_tangent(-1e300) == -1);
    CHECK(hyperbolic_tangent(INFINITY) == 1 && hyperbolic_tangent(-INFINITY) == -1);
    CHECK(std::isnan(hyperbolic_tangent(NAN)));
    return resonance::test::result();
}
