#include "recording.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <limits>
#include <stdexcept>

namespace {

constexpr double kDegrees = 180 / 3.14159265358979323846;
constexpr double kMinute = 60, kWindow = 10;  // [s]

//! The number that is the rest of a line of phases.
double finite(const std::string& line, std::size_t begin) {
    const char* text = line.c_str() + begin;
    char* end = nullptr;
    const double value = std::strtod(text, &end);
    if (end == text || *end != '\0' || !std::isfinite(value))
        throw std::runtime_error("--phases must hold finite phases [rad], got " + line);
    return value;
}

}  // namespace

std::size_t steps_of(double seconds, double dt) { return static_cast<std::size_t>(std::llround(seconds / dt)); }

double Recording::peak(double since, double until) const {
    double largest = 0;
    const std::size_t end = std::min(steps_of(until, dt), angles.size());
    for (std::size_t k = steps_of(since, dt); k < end; ++k) largest = std::max(largest, std::fabs(angles[k]));
    return largest * kDegrees;
}

std::array<double, kNodes> read_phases(const std::string& file) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("--phases must be a file that can be read, got " + file);
    const std::string quantity = "phase,";
    std::array<double, kNodes> phases{};
    std::size_t found = 0;
    for (std::string line; std::getline(in, line);) {
        if (line.compare(0, quantity.size(), quantity) != 0) continue;
        const double phase = finite(line, quantity.size());
        if (found < phases.size()) phases[found] = phase;
        ++found;
    }
    if (found != phases.size())
        throw std::runtime_error("--phases must be a file with " + std::to_string(kNodes) +
                                 " rows phase,<radians>, got " + std::to_string(found) + " of them in " + file);
    return phases;
}

void write_trace(std::ostream& out, const Recording& recording, resonance::span<const double> learned) {
    out << std::setprecision(std::numeric_limits<double>::max_digits10) << "time,angle,drive\n";
    for (std::size_t k = 0; k < recording.angles.size(); ++k)
        out << static_cast<double>(k + 1) * recording.dt << ',' << recording.angles[k] << ',' << recording.drives[k]
            << '\n';
    out << "\nnode,learned\n";
    for (std::size_t i = 0; i < learned.size(); ++i) out << i << ',' << learned[i] << '\n';
}

void print_peaks(std::ostream& out, const Recording& recording, double payload_at) {
    const double seconds = static_cast<double>(recording.angles.size()) * recording.dt;
    out << std::fixed << "largest angle\n";
    for (int minute = 0; minute * kMinute < seconds; ++minute) {
        const double begin = minute * kMinute, until = std::min(begin + kMinute, seconds);
        const double since = std::max(begin, until - kWindow);
        out << std::setprecision(0) << "from " << since << " s to " << until << " s: " << std::setprecision(2)
            << recording.peak(since, until) << " degrees" << (until > payload_at ? ", with payload\n" : "\n");
    }
}
