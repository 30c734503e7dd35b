//! How a network keeps its weights.
#pragma once

namespace resonance {

enum class WeightStorage {
    dense,     //!< n x n numbers
    factored,  //!< a product of thin factors, which take on two columns a step and are compressed: O(n rank)
    sparse,    //!< one number for each edge of a graph
};

}  // namespace resonance
