#include "command_line.hpp"

#include <cstdlib>
#include <stdexcept>

const char* const usage =
    "swing --model FILE [--phases FILE [--out FILE]] [--seconds S] [--payload-at S] [--lost FROM UNTIL]\n"
    "\n"
    "A network swings a pendulum, and the largest angles are printed.\n"
    "\n"
    "  --model FILE         the pendulum, examples/control/pendulum.xml\n"
    "  --phases FILE        initial phases, from python -m examples.control.trace; then every time step is written\n"
    "  --out FILE           where to (standard output, instead of the largest angles)\n"
    "  --seconds S          simulated time (120)\n"
    "  --payload-at S       when the payload is hung on (60)\n"
    "  --lost FROM UNTIL    from when until when the sensor is lost, in seconds (never)\n";

namespace {

constexpr double kLongest = 1e6;  // [s]

//! Takes the words of a command line one by one.
class Words {
public:
    Words(int count, const char* const* words) : next_(words + 1), end_(words + count) {}

    bool empty() const { return next_ == end_; }
    std::string option() { return *next_++; }

    std::string text(const std::string& option) {
        if (empty()) throw std::invalid_argument(option + " must be followed by a value, got nothing");
        return *next_++;
    }

    double time(const std::string& option) {
        const std::string word = text(option);
        char* end = nullptr;
        const double seconds = std::strtod(word.c_str(), &end);
        if (word.empty() || *end != '\0' || !(seconds >= 0 && seconds <= kLongest))
            throw std::invalid_argument(option + " must be a time from 0 to 1000000 s, got '" + word + "'");
        return seconds;
    }

private:
    const char* const* next_;
    const char* const* end_;
};

}  // namespace

Arguments parse(int count, const char* const* words) {
    Arguments arguments;
    for (Words rest(count, words); !rest.empty();) {
        const std::string option = rest.option();
        if (option == "--help") {
            arguments.help = true;
            return arguments;
        }
        if (option == "--model") {
            arguments.model = rest.text(option);
        } else if (option == "--phases") {
            arguments.phases = rest.text(option);
        } else if (option == "--out") {
            arguments.out = rest.text(option);
        } else if (option == "--seconds") {
            arguments.seconds = rest.time(option);
        } else if (option == "--payload-at") {
            arguments.payload_at = rest.time(option);
        } else if (option == "--lost") {
            arguments.lost_from = rest.time(option);
            arguments.lost_until = rest.time(option);
        } else {
            throw std::invalid_argument("wanted an option that --help lists, got " + option);
        }
    }
    if (arguments.model.empty()) throw std::invalid_argument("--model must name the pendulum's file, got nothing");
    if (!arguments.out.empty() && arguments.phases.empty())
        throw std::invalid_argument("--out is for a trace, which --phases asks for, got no --phases");
    return arguments;
}
