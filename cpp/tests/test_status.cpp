#include "resonance/status.hpp"

#include <cstring>
#include <string>

#include "check.hpp"
#include "resonance/version.hpp"

using resonance::Status;

int main() {
    const Status all[] = {Status::ok,
                          Status::invalid_size,
                          Status::invalid_value,
                          Status::invalid_time_step,
                          Status::non_finite,
                          Status::phase_overflow,
                          Status::diverged,
                          Status::interrupted,
                          Status::out_of_memory,
                          Status::unavailable,
                          Status::invalid_node,
                          Status::foreign_snapshot,
                          Status::overflow,
                          Status::rank_exceeded};
    for (const Status one : all) {
        CHECK(std::strlen(resonance::to_string(one)) > 0);
        CHECK(std::string(resonance::to_string(one)) != "unknown status");
        for (const Status other : all)
            CHECK(one == other || std::string(resonance::to_string(one)) != resonance::to_string(other));
    }
    return resonance::test::result();
}
