// A network whose phases are set from memory that nobody has written. What valgrind finds in no other program means
// something only while it finds this.
#include <memory>

#include "resonance/network.hpp"

int main() {
    constexpr std::ptrdiff_t n = 33;
    std::unique_ptr<resonance::Network<double>> network;
    if (resonance::Network<double>::create({n}, network) != resonance::Status::ok) return 1;
    const std::unique_ptr<double[]> unwritten(new double[n]);
    return network->set_phases({unwritten.get(), n}) == resonance::Status::ok ? 0 : 1;
}
