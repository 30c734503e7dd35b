//! A state with memory of its own, for tests below the level of a network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "resonance/storage.hpp"
#include "state.hpp"

namespace resonance::test {

template <class Real>
struct OwnState : detail::State<Real> {
    explicit OwnState(std::ptrdiff_t nodes) : memory_(detail::state_bytes<Real>(nodes) + detail::kVectorAlignment) {
        const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
        this->place(nodes, {0, nodes, {}},
                    memory_.data() + (detail::kVectorAlignment - address % detail::kVectorAlignment));
    }

private:
    std::vector<std::byte> memory_;
};

}  // namespace resonance::test
