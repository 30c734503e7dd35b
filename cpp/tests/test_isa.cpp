#include "resonance/isa.hpp"

#include <cstdlib>
#include <string>

#include "cases.hpp"
#include "resonance/threads.hpp"

using namespace resonance;

int main() {
    CHECK(isa_available(Isa::baseline));
    CHECK(isa_available(isa()));
    const char* forced = std::getenv("RESONANCE_ISA");
    if (forced != nullptr && isa_environment_status() == Status::ok) CHECK(std::string(forced) == to_string(isa()));
    test::for_each_isa([](Isa wanted) { CHECK(isa() == wanted); });

    for (const Isa candidate : all_isas) {
        const Isa before = isa();
        if (isa_available(candidate)) continue;
        CHECK(set_isa(candidate) == Status::unavailable);
        CHECK(isa() == before);
    }

    CHECK(num_threads() >= 1);
    CHECK(set_num_threads(-1) == Status::invalid_value);
    CHECK(set_num_threads(3) == Status::ok);
    CHECK(num_threads() == 3);
    CHECK(num_threads(2) == 2);
    CHECK(set_num_threads(0) == Status::ok);
    return test::result();
}
