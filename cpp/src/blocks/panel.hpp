//! Cosines and sines of many steps, as combinations of a few columns.
#pragma once

#include <cstddef>

#include "../kernels/kernels.hpp"

namespace resonance::detail {

//! Columns in groups, as WeightsPass takes them. The instruction set in use may change within a run, and with it the
//! size of a group: the columns are read by the kernels that they were packed for.
template <class Real>
struct PackedPanel {
    const Real* values = nullptr;
    std::ptrdiff_t columns = 0;  //!< whole groups
    const Kernels<Real>* kernels = nullptr;
};

//! Row t of the steps' cosines and sines (c_0, s_0, c_1, ...) is sum_k coefficients[t][k] column_k.
template <class Real>
struct Panel {
    std::ptrdiff_t steps = 0;
    std::ptrdiff_t columns = 0;  //!< whole groups
    Real* values = nullptr;      //!< the columns, packed for `kernels`
    const Kernels<Real>* kernels = nullptr;
    Real* coefficients = nullptr;  //!< (2 steps, columns)
    //! Rows of cosines and sines where they exist already, else null.
    const Real* known = nullptr;

    PackedPanel<Real> packed() const noexcept { return {values, columns, kernels}; }
};

//! The most columns, and steps, of a panel.
inline constexpr std::ptrdiff_t kMostColumns = 80, kMostSteps = 512;

}  // namespace resonance::detail
