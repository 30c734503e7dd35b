//! Passes over weights on edges: read, decay, grow, write, and both products of the new weights. What an edge needs of
//! its source stands in one record of four numbers, never across two cache lines, so that an edge to anywhere costs one
//! line. Some edges of a row go at a time: their records are loaded whole. Of a record the growth needs a vector of
//! edges for each number, but the products take cosine and sine as they stand, side by side: it is cheaper to repeat
//! the weights. Registers of 32 bytes at most: 64 take as long, for their shuffles are done in halves.
#pragma once

#include "kernels.hpp"
#include "vec.hpp"

#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)
#define RESONANCE_SHUFFLES
#define RESONANCE_INLINE_LAMBDA __attribute__((always_inline))
#endif

namespace resonance::detail {
namespace {

//! Lanes of float are summed over this many edges of a row before they go on in double.
constexpr std::int64_t kEdgeBlock = 1024;

//! Edges of a row that go at once.
template <class Real>
constexpr int kEdgesAtOnce = RESONANCE_VECTOR_BYTES >= 8 * sizeof(Real) && sizeof(Real) == sizeof(float) ? 8 : 4;

template <int N>
struct Width {
    static constexpr int value = N;
};

//! decay W, or W - (1 - decay) W: see Growth.
template <class Real, bool Off>
struct EdgeDecay {
    explicit EdgeDecay(double decay) : factor(static_cast<Real>(Off ? decay - 1 : decay)) {}

    template <class Value>
    RESONANCE_INLINE Value operator()(Value w) const {
        if constexpr (Off)
            return w + w * factor;
        else
            return w * factor;
    }

    Real factor;
};

//! Calls body with the decay that the type needs.
template <class Real, class Body>
RESONANCE_INLINE void with_decay(double decay, const Body& body) {
    if (sizeof(Real) < sizeof(double) && decay >= 0.5)
        body(EdgeDecay<Real, true>(decay));
    else
        body(EdgeDecay<Real, false>(decay));
}

#ifdef RESONANCE_SHUFFLES

//! N edges of a row, 4 or 8. Each shuffle is one instruction, which differs between lanes of 32 and of 64 bits.
template <class Real, int N>
struct EdgeVec;

template <class Real>
struct EdgeVec<Real, 4> {
    typedef Real Register __attribute__((vector_size(4 * sizeof(Real))));
    typedef Real Unaligned __attribute__((vector_size(4 * sizeof(Real)), aligned(alignof(Real)), may_alias));
    //! a cos(phi) and a sin(phi) of each edge; then cosine, sine, cosine, sine of two edges each.
    struct Sources {
        Register u, v, first, second;
    };
    struct Columns {
        Register c0, c1, c2, c3;
    };

    static RESONANCE_INLINE Register load(const Real* p) { return *reinterpret_cast<const Unaligned*>(p); }
    static RESONANCE_INLINE void store(Real* p, Register x) { *reinterpret_cast<Unaligned*>(p) = x; }

    template <class Record>
    static RESONANCE_INLINE Sources sources(const Record& record) {
        const Register r0 = load(record(0)), r1 = load(record(1)), r2 = load(record(2)), r3 = load(record(3));
        Sources from;
        if constexpr (sizeof(Real) == sizeof(float)) {
            const Register uv01 = __builtin_shufflevector(r0, r1, 0, 1, 4, 5);
            const Register uv23 = __builtin_shufflevector(r2, r3, 0, 1, 4, 5);
            from.u = __builtin_shufflevector(uv01, uv23, 0, 2, 4, 6);
            from.v = __builtin_shufflevector(uv01, uv23, 1, 3, 5, 7);
            from.first = __builtin_shufflevector(r0, r1, 2, 3, 6, 7);
            from.second = __builtin_shufflevector(r2, r3, 2, 3, 6, 7);
        } else {
            const Register uv02 = __builtin_shufflevector(r0, r2, 0, 1, 4, 5);
            const Register uv13 = __builtin_shufflevector(r1, r3, 0, 1, 4, 5);
            from.u = __builtin_shufflevector(uv02, uv13, 0, 4, 2, 6);
            from.v = __builtin_shufflevector(uv02, uv13, 1, 5, 3, 7);
            from.first = __builtin_shufflevector(r0, r2, 2, 3, 6, 7);
            from.second = __builtin_shufflevector(r1, r3, 2, 3, 6, 7);
        }
        return from;
    }
    //! Weights, each twice, of the edges that Sources::first and second belong to.
    static RESONANCE_INLINE Register for_first(Register w) {
        const Register twice = sizeof(Real) == sizeof(float) ? __builtin_shufflevector(w, w, 0, 0, 1, 1)
                                                             : __builtin_shufflevector(w, w, 0, 0, 2, 2);
        return twice;
    }
    static RESONANCE_INLINE Register for_second(Register w) {
        const Register twice = sizeof(Real) == sizeof(float) ? __builtin_shufflevector(w, w, 2, 2, 3, 3)
                                                             : __builtin_shufflevector(w, w, 1, 1, 3, 3);
        return twice;
    }
    static RESONANCE_INLINE Register four(Register lanes) { return lanes; }

    static RESONANCE_INLINE Columns transposed(Register r0, Register r1, Register r2, Register r3) {
        const Register low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
        const Register low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
        const Register high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
        const Register high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
        Columns columns;
        columns.c0 = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
        columns.c1 = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
        columns.c2 = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
        columns.c3 = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
        return columns;
    }
};

//! Of float, as two times four: each half by itself.
template <class Real>
struct EdgeVec<Real, 8> {
    typedef Real Register __attribute__((vector_size(8 * sizeof(Real))));
    typedef Real Unaligned __attribute__((vector_size(8 * sizeof(Real)), aligned(alignof(Real)), may_alias));
    using Half = EdgeVec<Real, 4>;
    struct Sources {
        Register u, v, first, second;
    };

    static RESONANCE_INLINE Register load(const Real* p) { return *reinterpret_cast<const Unaligned*>(p); }
    static RESONANCE_INLINE void store(Real* p, Register x) { *reinterpret_cast<Unaligned*>(p) = x; }

    template <class Record>
    static RESONANCE_INLINE Register pair(const Record& record, int k) {
        const typename Half::Register low = Half::load(record(k)), high = Half::load(record(k + 4));
        const Register both = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
        return both;
    }
    template <class Record>
    static RESONANCE_INLINE Sources sources(const Record& record) {
        const Register r0 = pair(record, 0), r1 = pair(record, 1), r2 = pair(record, 2), r3 = pair(record, 3);
        const Register uv01 = __builtin_shufflevector(r0, r1, 0, 1, 8, 9, 4, 5, 12, 13);
        const Register uv23 = __builtin_shufflevector(r2, r3, 0, 1, 8, 9, 4, 5, 12, 13);
        Sources from;
        from.u = __builtin_shufflevector(uv01, uv23, 0, 2, 8, 10, 4, 6, 12, 14);
        from.v = __builtin_shufflevector(uv01, uv23, 1, 3, 9, 11, 5, 7, 13, 15);
        from.first = __builtin_shufflevector(r0, r1, 2, 3, 10, 11, 6, 7, 14, 15);
        from.second = __builtin_shufflevector(r2, r3, 2, 3, 10, 11, 6, 7, 14, 15);
        return from;
    }
    static RESONANCE_INLINE Register for_first(Register w) {
        const Register twice = __builtin_shufflevector(w, w, 0, 0, 1, 1, 4, 4, 5, 5);
        return twice;
    }
    static RESONANCE_INLINE Register for_second(Register w) {
        const Register twice = __builtin_shufflevector(w, w, 2, 2, 3, 3, 6, 6, 7, 7);
        return twice;
    }
    static RESONANCE_INLINE typename Half::Register four(Register lanes) {
        const typename Half::Register low = __builtin_shufflevector(lanes, lanes, 0, 1, 2, 3);
        const typename Half::Register high = __builtin_shufflevector(lanes, lanes, 4, 5, 6, 7);
        return low + high;
    }
};

#endif

//! Sums of a row's edges times cosines and times sines.
#ifdef RESONANCE_SHUFFLES
typedef double EdgeSums __attribute__((vector_size(2 * sizeof(double))));
#else
struct EdgeSums {
    double numbers[2];
    double operator[](int k) const { return numbers[k]; }
};
#endif

//! Edges first .. last - 1 of a row, at most kEdgeBlock of them, on top of `sums`. The compiler keeps several rows
//! under way at once, so that what counts is the number of instructions, and the way from a record to the sums.
template <class Real, bool Grow, bool Ahead, class Pointer, class Decay>
RESONANCE_INLINE void edge_block(Pointer weights, const std::int32_t* columns, const Real* records, std::int64_t first,
                                 std::int64_t last, Decay decay, Real row_u, Real row_v, EdgeSums& sums) {
    const auto record = [&](std::int64_t e) { return records + columns[e]; };
    std::int64_t e = first;
#ifdef RESONANCE_SHUFFLES
    const auto some = [&](auto width, auto& first_lanes, auto& second_lanes) RESONANCE_INLINE_LAMBDA {
        constexpr int n = width.value;
        using V = EdgeVec<Real, n>;
        if constexpr (Ahead) {
            RESONANCE_UNROLL
            for (int k = 0; k < n; ++k) prefetch(record(e + kEdgesAhead - n + k));
        }
        const auto from = V::sources([&](int k) { return record(e + k); });
        auto w = V::load(weights + e);
        if constexpr (Grow) {
            w = (decay(w) + row_u * from.u) + row_v * from.v;
            V::store(weights + e, w);
        }
        first_lanes += V::for_first(w) * from.first;
        second_lanes += V::for_second(w) * from.second;
        e += n;
    };
    using Narrow = EdgeVec<Real, 4>;
    using Wide = EdgeVec<Real, kEdgesAtOnce<Real>>;
    typename Wide::Register wide_first{}, wide_second{};
    while (e + kEdgesAtOnce<Real> <= last) some(Width<kEdgesAtOnce<Real>>(), wide_first, wide_second);
    auto four = Wide::four(wide_first + wide_second);
    if (kEdgesAtOnce<Real> > 4 && e + 4 <= last) {
        typename Narrow::Register narrow_first{}, narrow_second{};
        some(Width<4>(), narrow_first, narrow_second);
        four += narrow_first + narrow_second;
    }
    typedef double Four __attribute__((vector_size(4 * sizeof(double))));
    const Four exact = __builtin_convertvector(four, Four);
    const EdgeSums low = __builtin_shufflevector(exact, exact, 0, 1);
    const EdgeSums high = __builtin_shufflevector(exact, exact, 2, 3);
    sums += low + high;
#endif
    for (; e < last; ++e) {
        if constexpr (Ahead) prefetch(record(e + kEdgesAhead - 1));
        const Real* from = record(e);
        Real w = weights[e];
        if constexpr (Grow) weights[e] = w = (decay(w) + row_u * from[0]) + row_v * from[1];
        const auto weight = static_cast<double>(w);
        const EdgeSums parts{static_cast<double>(from[2]), static_cast<double>(from[3])};
        sums = EdgeSums{sums[0] + weight * parts[0], sums[1] + weight * parts[1]};
    }
}

template <class Real, bool Grow, bool Ahead, class Pointer, class Decay>
RESONANCE_INLINE void edge_rows(Pointer weights, const EdgeRows<Real>& rows, Decay decay, Real along, Real across,
                                double* out) {
    // Copies: what is stored could be the pointers, as far as the compiler knows.
    const EdgeRows<Real> r = rows;
    std::int64_t e = r.row_starts[r.first];
    for (std::ptrdiff_t row = r.first; row < r.last; ++row, out += 2) {
        const Real* own = r.records + kEdgeNumbers * row;
        const Real row_u = along * own[0] + across * own[1], row_v = along * own[1] - across * own[0];
        const std::int64_t end = r.row_starts[row + 1];
        EdgeSums sums{0, 0};
        for (; end - e > kEdgeBlock; e += kEdgeBlock)
            edge_block<Real, Grow, Ahead>(weights, r.columns, r.records, e, e + kEdgeBlock, decay, row_u, row_v, sums);
        edge_block<Real, Grow, Ahead>(weights, r.columns, r.records, e, end, decay, row_u, row_v, sums);
        out[0] = sums[0];
        out[1] = sums[1];
        e = end;
    }
}

template <class Real>
void edge_step(Real* weights, const EdgeRows<Real>& rows, const EdgeGrowth& growth,
               double* sums) noexcept RESONANCE_NONBLOCKING {
    const auto along = static_cast<Real>(growth.along), across = static_cast<Real>(growth.across);
    with_decay<Real>(growth.decay, [&](auto decay) {
        if (rows.ahead)
            edge_rows<Real, true, true>(weights, rows, decay, along, across, sums);
        else
            edge_rows<Real, true, false>(weights, rows, decay, along, across, sums);
    });
}

template <class Real>
void edge_products(const Real* weights, const EdgeRows<Real>& rows, double* sums) noexcept RESONANCE_NONBLOCKING {
    const EdgeDecay<Real, false> none(1);
    if (rows.ahead)
        edge_rows<Real, false, true>(weights, rows, none, Real(0), Real(0), sums);
    else
        edge_rows<Real, false, false>(weights, rows, none, Real(0), Real(0), sums);
}

template <class Real>
bool edge_resonance(const Real* records, const double* sums, std::ptrdiff_t n,
                    double* resonance) noexcept RESONANCE_NONBLOCKING {
    double zero_if_finite = 0;
#pragma omp simd reduction(+ : zero_if_finite)
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        const auto cosine = static_cast<double>(records[kEdgeNumbers * i + 2]);
        const auto sine = static_cast<double>(records[kEdgeNumbers * i + 3]);
        const double x = cosine * sums[2 * i] + sine * sums[2 * i + 1];
        resonance[i] = x;
        zero_if_finite += x * 0.0;
    }
    return zero_if_finite == 0;
}

template <class Real>
void edge_records(const Real* amplitudes, const Real* cosines, const Real* sines, const std::int32_t* places,
                  std::ptrdiff_t n, Real* records) noexcept RESONANCE_NONBLOCKING {
    std::ptrdiff_t i = 0;
    const auto record = [&](std::ptrdiff_t node) { return records + kEdgeNumbers * std::ptrdiff_t(places[node]); };
#ifdef RESONANCE_SHUFFLES
    using V = EdgeVec<Real, 4>;
    for (; i + 4 <= n; i += 4) {
        const auto a = V::load(amplitudes + i), c = V::load(cosines + i), s = V::load(sines + i);
        const auto four = V::transposed(a * c, a * s, c, s);
        V::store(record(i), four.c0);
        V::store(record(i + 1), four.c1);
        V::store(record(i + 2), four.c2);
        V::store(record(i + 3), four.c3);
    }
#endif
    for (; i < n; ++i) {
        Real* one = record(i);
        one[0] = amplitudes[i] * cosines[i];
        one[1] = amplitudes[i] * sines[i];
        one[2] = cosines[i];
        one[3] = sines[i];
    }
}

template <class Real, class Pointer, class Decay>
RESONANCE_INLINE void edge_row_growth(Pointer weights, const EdgeRows<Real>& rows, Decay decay, const Real* shares) {
    static_assert(kEdgeRank == 8);
    const EdgeRows<Real> r = rows;
    for (std::ptrdiff_t row = r.first; row < r.last; ++row) {
        Real own[kEdgeRank];
        for (int k = 0; k < kEdgeRank; ++k) own[k] = shares[k / 2] * r.records[kEdgeRank * row + k];
        std::int64_t e = r.row_starts[row];
        const std::int64_t end = r.row_starts[row + 1];
        const auto record = [&](std::int64_t edge) {
            return r.records + kEdgeRank / kEdgeNumbers * static_cast<std::ptrdiff_t>(r.columns[edge]);
        };
#ifdef RESONANCE_SHUFFLES
        using V = EdgeVec<Real, 4>;
        const auto first = V::load(own), second = V::load(own + 4);
        const auto products = [&](std::int64_t edge) {
            const Real* other = record(edge);
            return first * V::load(other) + second * V::load(other + 4);
        };
        for (; e + 4 <= end; e += 4) {
            const auto parts = V::transposed(products(e), products(e + 1), products(e + 2), products(e + 3));
            V::store(weights + e, decay(V::load(weights + e)) + ((parts.c0 + parts.c2) + (parts.c1 + parts.c3)));
        }
        for (; e < end; ++e) {
            const auto parts = products(e);
            weights[e] = decay(weights[e]) + ((parts[0] + parts[2]) + (parts[1] + parts[3]));
        }
#else
        for (; e < end; ++e) {
            Real sum = 0;
            for (int k = 0; k < kEdgeRank; ++k) sum += own[k] * record(e)[k];
            weights[e] = decay(weights[e]) + sum;
        }
#endif
    }
}

template <class Real>
void edge_growth(Real* weights, const EdgeRows<Real>& rows, double decay, const Real* shares) noexcept {
    with_decay<Real>(decay, [&](auto by) { edge_row_growth<Real>(weights, rows, by, shares); });
}

template <class Real>
Real edge_pass(Real* weights, const std::int32_t* columns, const Real* records, std::int64_t first, std::int64_t last,
               Real factor) noexcept {
    if (records == nullptr) {
        std::uint32_t all = 0;
#pragma omp simd reduction(+ : all)
        for (std::int64_t e = first; e < last; ++e) {
            weights[e] *= factor;
            all += static_cast<std::uint32_t>(columns[e]);
        }
        return static_cast<Real>(all);
    }
#ifdef RESONANCE_SHUFFLES
    using V = EdgeVec<Real, 4>;
    typename V::Register sums{};
    std::int64_t e = first;
    for (; e + 4 <= last; e += 4) {
        RESONANCE_UNROLL
        for (int k = 0; k < 4; ++k) {
            prefetch(records + columns[e + kEdgesAhead - 4 + k]);
            sums += V::load(records + columns[e + k]);
        }
        V::store(weights + e, V::load(weights + e) * factor);
    }
    Real sum = (sums[0] + sums[2]) + (sums[1] + sums[3]);
    for (; e < last; ++e) {
        weights[e] *= factor;
        sum += records[columns[e]];
    }
    return sum;
#else
    Real sum = 0;
    for (std::int64_t e = first; e < last; ++e) {
        weights[e] *= factor;
        for (int k = 0; k < kEdgeNumbers; ++k) sum += records[columns[e] + k];
    }
    return sum;
#endif
}

}  // namespace
}  // namespace resonance::detail
