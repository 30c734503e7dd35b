// What an update is made of, in nanoseconds: step_parts float|double N TURNS
//
// In turns: updates, the vector math that is in each of them (cosine, sine and hyperbolic tangent of N values), and a
// chain of multiply-adds, which tells what the machine does at best. One line of JSON with the medians of the turns.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "kernels/kernels.hpp"
#include "living_network.hpp"
#include "resonance/isa.hpp"

using namespace resonance;
using namespace resonance::bench;

namespace {

constexpr int kCalls = 2000;
constexpr std::ptrdiff_t kRounds = 20000;

//! Nanoseconds of one call.
template <class Body>
double nanoseconds(int calls, const Body& body) {
    const auto begun = std::chrono::steady_clock::now();
    for (int call = 0; call < calls; ++call) body();
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begun;
    return taken.count() / calls;
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

template <class Real>
int measure(std::ptrdiff_t n, int turns) {
    LivingNetwork<Real> network(n, 0, 0.001);
    const auto count = static_cast<std::size_t>(n);
    const std::vector<double> phases = scattered_values(count, 3, 3), resonance = scattered_values(count, 3, 0);
    std::vector<Real> cosines(count), sines(count), amplitudes(count);
    const detail::Kernels<Real>& kernel = detail::kernels<Real>();
    std::vector<double> updates, vector_math, rates;
    for (int turn = 0; turn <= turns; ++turn) {  // the first warms up
        updates.push_back(nanoseconds(kCalls, [&] { network.update(); }));
        vector_math.push_back(nanoseconds(kCalls, [&] {
            kernel.cosines_and_sines(phases.data(), n, cosines.data(), sines.data());
            kernel.activate(resonance.data(), n, 1.0, 0.0, amplitudes.data());
        }));
        double operations = 0;
        Real last = 0;
        const double taken =
            nanoseconds(1, [&] { operations = kernel.multiply_add(kRounds, Real(0.999), Real(0.001), &last); });
        rates.push_back(operations / taken);
        if (turn == 0) updates.clear(), vector_math.clear(), rates.clear();
    }
    std::printf("{\"isa\": \"%s\", \"update_ns\": %.17g, \"vector_math_ns\": %.17g, \"operations_per_ns\": %.17g}\n",
                to_string(isa()), median(updates), median(vector_math), median(rates));
    return network.status() == Status::ok && network.largest_amplitude() > 1e-3 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
    const std::string type = count == 4 ? arguments[1] : "";
    const std::ptrdiff_t n = count == 4 ? std::atol(arguments[2]) : 0;
    const int turns = count == 4 ? std::atoi(arguments[3]) : 0;
    if ((type != "float" && type != "double") || n < 1 || turns < 1) {
        std::fprintf(stderr, "usage: step_parts float|double N TURNS\n");
        return 2;
    }
    return type == "float" ? measure<float>(n, turns) : measure<double>(n, turns);
}
