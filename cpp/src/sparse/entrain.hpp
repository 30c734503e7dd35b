//! Learning from rows of data with weights on edges: one of the ways of engines/entrain.cpp.
#pragma once

#include <cstdint>
#include <optional>

#include "../blocks/layout.hpp"
#include "../engines/shares.hpp"
#include "../memory.hpp"
#include "../state.hpp"

namespace resonance::detail {

//! Rows shown to weights on edges, four to a pass.
template <class Real>
class EdgeWay {
public:
    EdgeWay(State<Real>& state, int threads, std::optional<double> fading_factor) noexcept
        : state_(state), threads_(threads), fading_factor_(fading_factor) {}

    std::int64_t most() const noexcept { return kEdgeRank / 2; }
    void take(Carver& carver) noexcept {
        carver.take(pairs_, static_cast<std::size_t>(kEdgeRank * row_stride<Real>(state_.n)));
        carver.take(records_, static_cast<std::size_t>(kEdgeRank * state_.n));
    }
    void begin() noexcept {}
    PairRoom<Real> room() noexcept { return {pairs_, row_stride<Real>(state_.n), all_nodes<Real>(state_.n), most()}; }
    void absorb(std::int64_t count) noexcept;
    void end() noexcept {}

private:
    State<Real>& state_;
    int threads_;
    std::optional<double> fading_factor_;
    Real *pairs_ = nullptr, *records_ = nullptr;
};

extern template class EdgeWay<float>;
extern template class EdgeWay<double>;

}  // namespace resonance::detail
