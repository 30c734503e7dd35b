#include "crowding.hpp"

#include "check.hpp"

using resonance::detail::Crowding;
using std::chrono::microseconds;

int main() {
    Crowding crowding;
    const auto start = Crowding::Clock::now();
    const auto at = [&](int time) { return start + microseconds(time); };
    CHECK(!crowding.wait_is_likely(at(0)));

    // Even shares, slow ones as well, and the time that it takes to wake a team are no reason to go alone.
    crowding.note(at(0), at(10), at(15));
    crowding.note(at(0), at(5000), at(7500));
    crowding.note(at(0), at(10), at(400));
    CHECK(!crowding.wait_is_likely(at(7500)));

    // A wait buys sixteen times as long without another, and then they are tried again.
    crowding.note(at(8000), at(8050), at(16050));
    CHECK(crowding.wait_is_likely(at(16050)));
    CHECK(crowding.wait_is_likely(at(16050 + 16 * 8000 - 1)));
    CHECK(!crowding.wait_is_likely(at(16050 + 16 * 8000)));
    crowding.note(at(150000), at(150050), at(150060));
    CHECK(!crowding.wait_is_likely(at(150060)));
    return resonance::test::result();
}
