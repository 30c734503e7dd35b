#include "crowding.hpp"

#include "check.hpp"

using resonance::detail::Crowding;
using std::chrono::microseconds;

namespace {

//! How many passes the calling thread takes alone from now on.
int passes_alone(Crowding& crowding) {
    int passes = 0;
    while (crowding.wait_is_likely()) ++passes;
    return passes;
}

}  // namespace

int main() {
    Crowding crowding;
    CHECK(passes_alone(crowding) == 0);

    // Even shares, slow ones as well, and the time that it takes to wake a team are no reason to go alone.
    for (const auto own : {microseconds(10), microseconds(5000)}) crowding.note(own, own + own / 2);
    crowding.note(microseconds(10), microseconds(1500));
    CHECK(passes_alone(crowding) == 0);

    // A slice of waiting is one; the pause doubles up to a limit.
    int before = 0;
    for (int k = 0; k < 12; ++k) {
        crowding.note(microseconds(50), microseconds(8000));
        const int passes = passes_alone(crowding);
        CHECK(k == 0 || passes == 2 * before || (passes == before && passes == 1024));
        before = passes;
    }
    CHECK(before == 1024);

    // One pass without a wait, and it begins anew.
    crowding.note(microseconds(50), microseconds(60));
    CHECK(passes_alone(crowding) == 0);
    crowding.note(microseconds(50), microseconds(8000));
    CHECK(passes_alone(crowding) == 16);
    return resonance::test::result();
}
