// A thousand ticks of a network that lives in static memory. Two groups of nodes that are driven at different speeds
// end up more strongly connected within a group than between the two.
#include <cmath>
#include <cstddef>
#include <cstdio>

#include "resonance/isa.hpp"
#include "resonance/network.hpp"
#include "resonance/version.hpp"

using resonance::Network;
using resonance::Options;
using resonance::Status;

namespace {

constexpr std::ptrdiff_t nodes = 8;

constexpr Options options() {
    Options made;
    made.n_nodes = nodes;
    return made;
}

std::byte storage[Network<float>::storage_size(options())];

}  // namespace

int main() {
    Network<float>* network = nullptr;
    Status status = Network<float>::create(options(), storage, network);
    for (std::ptrdiff_t node = 0; node < nodes && status == Status::ok; ++node) status = network->pin(node, 1.0);

    float input[nodes];
    for (std::ptrdiff_t node = 0; node < nodes; ++node) input[node] = node < nodes / 2 ? 1.0F : 2.0F;  // [rad/s]
    for (int tick = 0; tick < 1000 && status == Status::ok; ++tick) status = network->update(input, 0.01);

    float outputs[nodes] = {};
    if (status == Status::ok) status = network->outputs(outputs);
    if (status != Status::ok) {
        std::printf("%s\n", resonance::to_string(status));
        return 1;
    }
    const float within = network->weight_row(0)[1], between = network->weight_row(0)[nodes - 1];
    std::printf("resonance %d.%d.%d, %s: %.3f within a group, %.3f between them\n", RESONANCE_VERSION_MAJOR,
                RESONANCE_VERSION_MINOR, RESONANCE_VERSION_PATCH, to_string(resonance::isa()),
                static_cast<double>(within), static_cast<double>(between));
    const bool apart = within > 0.9F && std::fabs(between) < 0.8F * within;
    return apart && std::fabs(outputs[0] - std::cos(10.0F)) < 1e-4F ? 0 : 1;
}
