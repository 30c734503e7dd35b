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

    // A single wait is forgiven. Another one soon after buys sixteen times as long without a third.
    crowding.note(at(8000), at(8050), at(16050));
    CHECK(!crowding.wait_is_likely(at(16050)));
    crowding.note(at(20000), at(20050), at(28050));
    CHECK(crowding.wait_is_likely(at(28050)));
    CHECK(crowding.wait_is_likely(at(28050 + 16 * 8000 - 1)));
    CHECK(!crowding.wait_is_likely(at(28050 + 16 * 8000)));
    // Still crowded then: one wait is enough. And long after, it is forgiven again.
    crowding.note(at(160000), at(160050), at(168050));
    CHECK(crowding.wait_is_likely(at(168050)));
    crowding.note(at(900000), at(900050), at(908050));
    CHECK(!crowding.wait_is_likely(at(908050)));
    return resonance::test::result();
}
