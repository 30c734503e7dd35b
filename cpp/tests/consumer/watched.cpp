// A run that is recorded into arrays of its caller's, and that an observer of its own ends.
#include <complex>
#include <cstdint>
#include <cstdio>
#include <memory>

#include "resonance/network.hpp"
#include "resonance/recorder.hpp"

using resonance::Network;
using resonance::Status;

namespace {

constexpr std::ptrdiff_t nodes = 300, samples = 11;

//! Records, and stops after 75 steps.
class Half final : public resonance::Observer<double> {
public:
    explicit Half(resonance::Recorder<double>& recorder) : recorder_(recorder) {}
    bool observe(resonance::Moment<double>& moment) noexcept override {
        const bool goes_on = recorder_.observe(moment);
        next = recorder_.next;
        return goes_on && moment.step() < 75;
    }

private:
    resonance::Recorder<double>& recorder_;
};

}  // namespace

int main() {
    std::unique_ptr<Network<double>> network;
    resonance::Options options;
    options.n_nodes = nodes;
    options.hyperparameters.noise_std = 0.5;
    if (Network<double>::create(options, network) != Status::ok) return 1;

    std::int64_t steps[samples] = {};
    std::complex<double> order_parameter[samples] = {};
    resonance::Recording<double> recording;
    recording.every = 15;
    recording.capacity = samples;
    recording.step_counts = steps;
    recording.order_parameter = order_parameter;
    resonance::Recorder<double> recorder(recording);
    Half half(recorder);

    const double input = 0;
    resonance::Inputs inputs;
    inputs.values = &input;
    inputs.hold = 150;
    std::int64_t completed = 0;
    const Status status = network->run(inputs, 0.01, half, {}, completed);
    std::printf("%s after %d steps: |r| = %.3f\n", to_string(status), static_cast<int>(completed),
                std::abs(order_parameter[5]));
    const bool recorded = recorder.samples() == 6 && steps[5] == 75 && std::abs(order_parameter[0]) > 0.999;
    return status == Status::interrupted && completed == 75 && recorded ? 0 : 1;
}
