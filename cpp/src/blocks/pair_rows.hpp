//! Growth as pairs of vectors.
#pragma once

#include <cstddef>

namespace resonance::detail {

//! Pairs u_k, v_k over nodes, as rows u_0, v_0, u_1, ... that lie as layout.hpp says, zeros behind the last of all
//! nodes. With z_k = sqrt(weight_k) (u_k + i v_k) they stand for sum_k z_k z_k^H.
template <class Real>
struct PairRows {
    Real* rows;
    std::ptrdiff_t stride, count;
    const double* weights;  //!< >= 0
};

}  // namespace resonance::detail
