// What libFuzzer calls, and the program that replays its cases.
#include "sequence.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Draws draws(data, size);
    if (draws.one_in(2))
        fuzz::Sequence<fuzz::Float32>(draws).play();
    else
        fuzz::Sequence<fuzz::Float64>(draws).play();
    return 0;
}
