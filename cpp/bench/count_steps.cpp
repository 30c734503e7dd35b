// Takes steps and nothing else, for a tool that counts instructions: count_steps update|run float|double N STEPS
//
// Everything is fixed: numbers come from a formula, one thread works, and the network stays alive.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "living_network.hpp"
#include "resonance/isa.hpp"
#include "resonance/network.hpp"

using namespace resonance;
using resonance::bench::scattered_values;

namespace {

template <class Real>
Status take_steps(bool each_alone, std::ptrdiff_t n, std::int64_t steps, double& checksum) {
    const auto count = static_cast<std::size_t>(n);
    std::unique_ptr<Network<Real>> network;
    Status status = Network<Real>::create({n}, network);
    if (status != Status::ok) return status;
    Hyperparameters hyperparameters;
    hyperparameters.gain = 30.0 / static_cast<double>(n);
    const std::vector<double> input = scattered_values(count, 1.5, 0);
    const std::vector<double> weights = scattered_values(count * count, 0.01, 0);
    for (const Status each :
         {network->set_hyperparameters(hyperparameters), network->set_threads(1),
          network->set_phases(scattered_values(count, 3, 3)), network->set_frequencies(scattered_values(count, 0.2, 1)),
          network->set_weight_rows(0, span<const double>(weights))})
        if (each != Status::ok) return each;
    constexpr double dt = 0.01;
    if (each_alone) {
        for (std::int64_t step = 0; step < steps && status == Status::ok; ++step) status = network->update(input, dt);
    } else if (steps > 0) {
        Inputs inputs;
        inputs.values = input.data();
        inputs.per_node = true;
        inputs.hold = steps;
        std::int64_t completed = 0;
        status = network->run(inputs, dt, {}, completed);
    }
    for (const Real amplitude : network->amplitudes()) checksum += static_cast<double>(amplitude);
    return status;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 5) {
        std::fprintf(stderr, "usage: count_steps update|run float|double N STEPS\n");
        return 2;
    }
    const bool each_alone = std::string(arguments[1]) == "update";
    const std::ptrdiff_t n = std::atol(arguments[3]);
    const std::int64_t steps = std::atol(arguments[4]);
    double checksum = 0;
    const Status status = std::string(arguments[2]) == "float" ? take_steps<float>(each_alone, n, steps, checksum)
                                                               : take_steps<double>(each_alone, n, steps, checksum);
    std::printf("%s %.17g\n", to_string(isa()), checksum);
    return status == Status::ok ? 0 : 1;
}
