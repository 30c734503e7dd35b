//! What happened, at every time step, and the files that this example reads and writes.
#pragma once

#include <array>
#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "controller.hpp"

struct Recording {
    //! Takes all the memory that `steps` steps of `time_step` [s] need.
    Recording(std::size_t steps, double time_step) : dt(time_step), angles(steps), drives(steps) {}

    //! Largest angle [degrees] in a stretch of time [s].
    double peak(double since, double until) const;

    double dt;                   //!< time step [s]
    std::vector<double> angles;  //!< after each step [rad]
    std::vector<double> drives;  //!< during each step [1]
};

//! The number of whole time steps that is nearest to a time [s].
std::size_t steps_of(double seconds, double dt);

//! Initial phases [rad] from a file that `python -m examples.control.trace` has written.
std::array<double, kNodes> read_phases(const std::string& file);

//! Each time step in a row, then what the body has learned; all with digits enough to read the same numbers again.
void write_trace(std::ostream& out, const Recording& recording, resonance::span<const double> learned);

//! The largest angle in the last 10 s of each minute, a line for each.
void print_peaks(std::ostream& out, const Recording& recording, double payload_at);
