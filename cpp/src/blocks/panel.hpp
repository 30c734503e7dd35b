//! Cosines and sines of many steps, as combinations of a few columns.
#pragma once

#include <cstddef>

namespace resonance::detail {

//! Row t of the steps' cosines and sines (c_0, s_0, c_1, ...) is sum_k coefficients[t][k] column_k.
template <class Real>
struct Panel {
    std::ptrdiff_t steps = 0;
    std::ptrdiff_t columns = 0;    //!< whole groups
    Real* values = nullptr;        //!< the columns, as a panel of WeightsPass
    Real* coefficients = nullptr;  //!< (2 steps, columns)
    //! Rows of cosines and sines where they exist already, else null.
    const Real* known = nullptr;
};

//! The most columns, and steps, of a panel.
inline constexpr std::ptrdiff_t kMostColumns = 80, kMostSteps = 512;

}  // namespace resonance::detail
