//! What `resonance-latency` is asked for on its command line.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace resonance::bench {

struct LoopSettings {
    std::vector<std::int64_t> nodes = {64};
    std::string dtype = "float64";
    double seconds = 10;                //!< of the periodic loop, for each number of nodes; 0: none
    std::int64_t period_us = 1000;      //!< [us]; also the network's time step
    std::int64_t back_to_back = 20000;  //!< updates without a pause, before the loop; 0: none
    double coupling = 0;                //!< kappa [rad/s]
    bool ordinary = false;              //!< ask the system for nothing
};

inline constexpr const char* kUsage =
    "usage: resonance-latency [--nodes N,N,...] [--dtype float64|float32] [--seconds S] [--period-us P]\n"
    "                         [--back-to-back COUNT] [--coupling K] [--ordinary]\n"
    "Times updates of networks of N nodes, one after the other without a pause and then once in every period for S\n"
    "seconds, and writes the histograms as JSON. With --ordinary it asks for neither SCHED_FIFO nor locked memory.\n";

//! A wrong argument; the message names it, what came and what was wanted.
struct ArgumentError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

namespace detail {

[[noreturn]] inline void refuse(const std::string& name, const std::string& wanted, std::string_view got) {
    throw ArgumentError(name + " must be " + wanted + ", got '" + std::string(got) + "'");
}

inline std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t lowest, std::int64_t highest) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < lowest || value > highest) return {};
    return value;
}

inline std::int64_t whole_number(const std::string& name, const std::string& text, std::int64_t lowest,
                                 std::int64_t highest) {
    const auto value = whole_number(text, lowest, highest);
    if (!value) {
        const std::string range = std::to_string(lowest) + " to " + std::to_string(highest);
        refuse(name, "a whole number from " + range, text);
    }
    return *value;
}

inline double real_number(const std::string& name, const std::string& text, double lowest, double highest,
                          const char* wanted) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    const bool whole = !text.empty() && *end == '\0';
    if (!whole || !(value >= lowest && value <= highest)) refuse(name, wanted, text);
    return value;
}

inline std::vector<std::int64_t> node_numbers(const std::string& name, const std::string& text) {
    constexpr std::int64_t largest = 65536;
    std::vector<std::int64_t> numbers;
    std::string_view rest = text;
    for (;;) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const auto number = whole_number(rest.substr(0, comma), 1, largest);
        if (!number)
            refuse(name, "whole numbers from 1 to " + std::to_string(largest) + ", with commas between them", text);
        numbers.push_back(*number);
        if (comma == rest.size()) return numbers;
        rest.remove_prefix(comma + 1);
    }
}

}  // namespace detail

//! Reads arguments; throws ArgumentError.
inline LoopSettings parse(const std::vector<std::string>& arguments) {
    LoopSettings settings;
    for (std::size_t k = 0; k < arguments.size(); ++k) {
        const std::string& name = arguments[k];
        if (name == "--ordinary") {
            settings.ordinary = true;
            continue;
        }
        const bool known = name == "--nodes" || name == "--dtype" || name == "--seconds" || name == "--period-us" ||
                           name == "--back-to-back" || name == "--coupling";
        if (!known) throw ArgumentError("unknown argument '" + name + "'");
        if (++k == arguments.size()) throw ArgumentError(name + " needs a value");
        const std::string& value = arguments[k];
        if (name == "--nodes") {
            settings.nodes = detail::node_numbers(name, value);
        } else if (name == "--dtype") {
            if (value != "float64" && value != "float32") detail::refuse(name, "float64 or float32", value);
            settings.dtype = value;
        } else if (name == "--seconds") {
            settings.seconds = detail::real_number(name, value, 0, 86400, "a number from 0 to 86400");
        } else if (name == "--period-us") {
            settings.period_us = detail::whole_number(name, value, 1, 100'000);
        } else if (name == "--back-to-back") {
            settings.back_to_back = detail::whole_number(name, value, 0, 1'000'000'000);
        } else {
            settings.coupling = detail::real_number(name, value, -1e6, 1e6, "a number from -1e6 to 1e6");
        }
    }
    return settings;
}

}  // namespace resonance::bench
