//! Rows of data as what they add to the weights: u = a cos(phi) and v = a sin(phi) of every node, for each row.
#pragma once

#include "../engines/shares.hpp"
#include "../memory.hpp"
#include "../state.hpp"
#include "resonance/network.hpp"

namespace resonance::detail {

//! Rows of phase offsets (rows, n) [rad], finite, or NaN where a node is silent.
template <class Real, class Source>
class OffsetRows {
public:
    OffsetRows(const State<Real>& state, const Source* offsets, int threads) noexcept
        : state_(state), offsets_(offsets), threads_(threads) {}

    //! Memory for `most` presentations at a time.
    void take(Carver& carver, std::int64_t most) noexcept;
    void prepare() noexcept {}
    //! Fills `room` with u_0, v_0, u_1, ... Always true.
    bool present(std::int64_t first, std::int64_t count, const PairRoom<Real>& room) const noexcept;

private:
    const State<Real>& state_;
    const Source* offsets_;
    int threads_;
    double* phases_ = nullptr;  //!< a row of nodes for each thread
};

//! Rows of data (rows, d), finite, with the map that makes offsets of them. The products are taken by the kernel that
//! multiplies weights with a panel: here rows of data stand for rows of weights.
template <class Real>
class EncodedRows {
public:
    EncodedRows(const State<Real>& state, const Real* rows, const Encoding<Real>& encoding, int threads) noexcept;

    void take(Carver& carver, std::int64_t most) noexcept;
    void prepare() noexcept;
    //! As OffsetRows. False where a phase is beyond the range of its type.
    bool present(std::int64_t first, std::int64_t count, const PairRoom<Real>& room) const noexcept;

private:
    const State<Real>& state_;
    const Real* rows_;
    const Encoding<Real>& encoding_;
    int threads_;
    std::ptrdiff_t columns_, width_;  //!< d; n rounded up to whole groups of a panel
    Real* panel_ = nullptr;
    const Kernels<Real>* packed_by_ = nullptr;   //!< whose layout it has
    double *start_ = nullptr, *sums_ = nullptr;  //!< initial phases and shift; phases of the rows at hand
};

#define RESONANCE_DECLARE(Real)                     \
    extern template class OffsetRows<Real, float>;  \
    extern template class OffsetRows<Real, double>; \
    extern template class EncodedRows<Real>;
RESONANCE_DECLARE(float)
RESONANCE_DECLARE(double)
#undef RESONANCE_DECLARE

}  // namespace resonance::detail
