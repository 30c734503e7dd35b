//! What a network is at one moment. The engines (engines/) advance it; neither side knows the other's insides.
#pragma once

#include <cstddef>
#include <cstdint>

#include "blocks/layout.hpp"
#include "node_range.hpp"
#include "resonance/exchange.hpp"
#include "resonance/nonblocking.hpp"
#include "resonance/weight_storage.hpp"
#include "shown_number.hpp"
#include "sparse/edges.hpp"

namespace resonance::detail {

template <class Real>
class Factors;

//! The weights of a state are one of three things, as `storage` tells; weights.hpp is what knows them apart.
template <class Real>
struct State {
    std::ptrdiff_t n = 0;
    WeightStorage storage = WeightStorage::dense;
    std::ptrdiff_t columns =
        0;                      //!< n rounded up to whole 64-byte vectors; weights there, and all vectors, end in zeros
    std::ptrdiff_t stride = 0;  //!< elements between rows of weights, >= columns
    std::ptrdiff_t first_row = 0, row_count = 0;  //!< which rows of W there are: all, but in a shard
    Exchange exchange;                            //!< of a shard; else without functions

    // The state proper.
    double* phases = nullptr;       //!< [rad], in [0, 2 pi)
    double* frequencies = nullptr;  //!< [Hz]
    Real* amplitudes = nullptr;
    Real* weights = nullptr;           //!< where storage is dense
    Factors<Real>* factors = nullptr;  //!< where it is factored
    Edges<Real> edges;                 //!< where it is sparse
    ShownNumber<std::int64_t> step_count;
    ShownNumber<double> time;          //!< [s]
    double* initial_phases = nullptr;  //!< [rad], in [0, 2 pi): where presentations start
    ShownNumber<std::int64_t> presentation_count;
    std::uint64_t noise_seed = 0;

    // Pins: flags of 1 and the values to hold.
    unsigned char* amplitude_pins = nullptr;
    unsigned char* phase_pins = nullptr;
    Real* pinned_amplitudes = nullptr;
    double* pinned_phases = nullptr;
    bool any_amplitude_pinned = false;
    bool any_phase_pinned = false;

    // Derived from the state: cosines and sines of the present phases, and the products that resonance and coupling
    // take from them and W, sum_j W_ij cos(phi_j) and sum_j W_ij sin(phi_j).
    Real* cosines = nullptr;
    Real* sines = nullptr;
    double* cosine_sums = nullptr;
    double* sine_sums = nullptr;
    bool sums_current = false;  //!< they belong to the present weights and phases

    // Scratch of a step.
    double* next_phases = nullptr;
    Real* column_u = nullptr;  //!< a cos(phi)
    Real* column_v = nullptr;  //!< a sin(phi)
    Real* row_u = nullptr;     //!< the same for rows, scaled, and rotated by the learning lag
    Real* row_v = nullptr;
    //! Where storage is sparse these four, which stand one behind the other, are the nodes' records (see EdgeRows).
    Real* records() const noexcept { return column_u; }

    void* memory = nullptr;  //!< holds all of the above, and belongs to somebody else
    std::size_t memory_bytes = 0;

    bool is_shard() const noexcept { return exchange.gather != nullptr; }
    bool has_row(std::ptrdiff_t row) const noexcept { return row >= first_row && row < first_row + row_count; }
    //! The nodes whose rows there are.
    NodeRange own_nodes() const noexcept {
        const std::ptrdiff_t last = first_row + row_count;
        return {first_row, last, last == n ? row_stride<Real>(n) : last};
    }
    //! The dense weights W[row, :], which must be there.
    Real* weight_row(std::ptrdiff_t row) const noexcept { return weights + (row - first_row) * stride; }

    //! Pinned nodes among first .. last - 1 take the amplitudes that they hold.
    void hold_amplitudes(std::ptrdiff_t first, std::ptrdiff_t last) noexcept {
        if (!any_amplitude_pinned) return;
        for (std::ptrdiff_t i = first; i < last; ++i)
            if (amplitude_pins[i]) amplitudes[i] = pinned_amplitudes[i];
    }
    //! The same for the phases, which may be those of another moment than the state's.
    void hold_phases(std::ptrdiff_t first, std::ptrdiff_t last, double* values) const noexcept {
        if (!any_phase_pinned) return;
        for (std::ptrdiff_t i = first; i < last; ++i)
            if (phase_pins[i]) values[i] = pinned_phases[i];
    }

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    //! A state of n nodes with the rows of n x n weights that a shard has, which may be all, in vector_bytes<Real>(n)
    //! and row_bytes<Real>(n) for each of aligned memory: amplitudes 1, all else 0.
    void place(std::ptrdiff_t nodes, const Shard& shard, void* block) noexcept;
    //! The same in vector_bytes<Real>(n), for weights that are kept elsewhere.
    void place_vectors(std::ptrdiff_t nodes, WeightStorage weight_storage, const Shard& shard, void* block) noexcept;
    //! The same in vector_bytes<Real>(n) + edge_bytes<Real>(n, edges), with weights on the edges of a graph.
    void place_edges(const Graph<Real>& graph, void* block) noexcept;
    //! Takes over everything of a state of the same size, but weights that are kept elsewhere.
    void assign(const State& other) noexcept RESONANCE_NONBLOCKING;

    //! Whether `other` has room for the same: assign() is for such states.
    bool has_size_of(const State& other) const noexcept RESONANCE_NONBLOCKING {
        return n == other.n && storage == other.storage && edges.count == other.edges.count &&
               first_row == other.first_row && row_count == other.row_count;
    }

private:
    void lay_out(std::ptrdiff_t nodes, const Shard& shard, void* block) noexcept;
};

extern template struct State<float>;
extern template struct State<double>;

}  // namespace resonance::detail
