// A body that learns to swing, in C++ with MuJoCo's C API. It moves as the example in Python does.
#include <array>
#include <cstddef>
#include <exception>
#include <fstream>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>

#include "command_line.hpp"
#include "controller.hpp"
#include "pendulum.hpp"
#include "recording.hpp"
#include "resonance/status.hpp"

namespace {

//! Phases [rad] all around the circle, whatever their number: from node to node by the golden angle.
std::array<double, kNodes> spread_phases() {
    constexpr double golden_angle = 2.399963229728653;
    std::array<double, kNodes> phases{};
    for (std::size_t i = 0; i < phases.size(); ++i) phases[i] = static_cast<double>(i) * golden_angle;
    return phases;
}

void require(resonance::Status status) {
    if (status != resonance::Status::ok) throw std::runtime_error(to_string(status));
}

//! The loop: measure, drive, step. All memory is there before it begins.
void simulate(Pendulum& pendulum, Controller& controller, const Arguments& arguments, Recording& recording) {
    const double dt = pendulum.dt(), nothing = std::numeric_limits<double>::quiet_NaN();
    const std::size_t payload_step = steps_of(arguments.payload_at, dt);
    for (std::size_t k = 0; k < recording.angles.size(); ++k) {
        if (k == payload_step) pendulum.hang_payload();
        const double time = static_cast<double>(k) * dt;
        const bool lost = arguments.lost_from <= time && time < arguments.lost_until;
        const double angle = lost ? nothing : pendulum.angle(), velocity = lost ? nothing : pendulum.velocity();

        double drive = 0;
        require(controller.tick(angle, velocity, drive));
        pendulum.step(drive);

        recording.drives[k] = drive;
        recording.angles[k] = pendulum.angle();
    }
}

void write_trace_file(const std::string& file, const Recording& recording, resonance::span<const double> learned) {
    std::ofstream out(file);
    write_trace(out, recording, learned);
    if (!out.flush()) throw std::runtime_error("--out must be a file that can be written, got " + file);
}

void run(const Arguments& arguments) {
    Pendulum pendulum(arguments.model);
    // In static storage: on a robot, memory that is there from the start.
    static Controller controller(pendulum.dt());
    require(controller.start(arguments.phases.empty() ? spread_phases() : read_phases(arguments.phases)));
    Recording recording(steps_of(arguments.seconds, pendulum.dt()), pendulum.dt());
    simulate(pendulum, controller, arguments, recording);

    const bool traced = !arguments.phases.empty();
    if (traced && arguments.out.empty()) return write_trace(std::cout, recording, controller.learned());
    if (traced) write_trace_file(arguments.out, recording, controller.learned());
    print_peaks(std::cout, recording, arguments.payload_at);
}

}  // namespace

int main(int count, char** words) {
    try {
        const Arguments arguments = parse(count, words);
        if (arguments.help) {
            std::cout << usage;
            return 0;
        }
        run(arguments);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "swing: " << error.what() << '\n';
        return 1;
    }
}
