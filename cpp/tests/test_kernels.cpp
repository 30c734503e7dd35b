// The passes over W against sums in long double, on every instruction set, padded and not.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cases.hpp"
#include "kernels/kernels.hpp"

using namespace resonance;

namespace {

constexpr double kDecay = 0.7501;

template <class Real>
struct Case {
    Case(std::ptrdiff_t nodes, std::ptrdiff_t pad) : n(nodes), stride(nodes + pad) {
        const auto count = static_cast<std::size_t>(n);
        weights = test::random_values<Real>(static_cast<std::size_t>(n * stride), 1);
        unsigned seed = 2;
        for (auto* vector : {&row_u, &row_v, &column_u, &column_v, &cosines, &sines})
            *vector = test::random_values<Real>(count, seed++);
        cosine_sums.assign(count, 0);
        sine_sums.assign(count, 0);
    }
    detail::Growth<Real> growth() const {
        return {kDecay, row_u.data(), row_v.data(), column_u.data(), column_v.data()};
    }
    detail::Products<Real> products() { return {cosines.data(), sines.data(), cosine_sums.data(), sine_sums.data()}; }
    long double grown(std::ptrdiff_t i, std::ptrdiff_t j) const {
        return static_cast<long double>(kDecay) * weights[i * stride + j] +
               static_cast<long double>(row_u[i]) * column_u[j] + static_cast<long double>(row_v[i]) * column_v[j];
    }
    //! Largest error of both sums of row i over `matrix`.
    double sum_error(const std::vector<Real>& matrix, std::ptrdiff_t i) const {
        long double c = 0, s = 0;
        for (std::ptrdiff_t j = 0; j < n; ++j) {
            c += static_cast<long double>(matrix[i * stride + j]) * cosines[j];
            s += static_cast<long double>(matrix[i * stride + j]) * sines[j];
        }
        return static_cast<double>(std::max(std::abs(c - cosine_sums[i]), std::abs(s - sine_sums[i])));
    }

    std::ptrdiff_t n, stride;
    std::vector<Real> weights, row_u, row_v, column_u, column_v, cosines, sines;
    std::vector<double> cosine_sums, sine_sums;
};

template <class Real>
void check_kernels(std::ptrdiff_t n, std::ptrdiff_t pad) {
    const double eps = std::numeric_limits<Real>::epsilon();
    const double element_bound = 4 * eps, sum_bound = 4 * eps * static_cast<double>(n);
    const auto& kernel = detail::kernels<Real>();
    const detail::Rows all{0, n, n, n + pad};

    Case<Real> fused(n, pad);
    const Case<Real> before = fused;
    kernel.fused_step(fused.weights.data(), all, fused.growth(), fused.products());
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        for (std::ptrdiff_t j = 0; j < n; ++j)
            CHECK(std::abs(static_cast<double>(fused.weights[i * all.stride + j] - before.grown(i, j))) <=
                  element_bound);
        for (std::ptrdiff_t j = n; j < all.stride; ++j)  // what lies between the rows stays
            CHECK(fused.weights[i * all.stride + j] == before.weights[i * all.stride + j]);
        CHECK(fused.sum_error(fused.weights, i) <= sum_bound);
    }

    // The two halves of the fused step have its bits.
    Case<Real> halves = before;
    kernel.hebbian_update(halves.weights.data(), all, halves.growth());
    CHECK(halves.weights == fused.weights);
    kernel.resonance(halves.weights.data(), all, halves.products());
    // Sums as well in rows of whole vectors, as networks have them: what a copy takes anew it may go on with. In the
    // odd columns at the end compilers may contract differently.
    const bool whole = static_cast<std::size_t>(n) * sizeof(Real) % 64 == 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
        CHECK(std::abs(halves.cosine_sums[i] - fused.cosine_sums[i]) <= (whole ? 0 : sum_bound));
        CHECK(std::abs(halves.sine_sums[i] - fused.sine_sums[i]) <= (whole ? 0 : sum_bound));
    }

    // So have row ranges that begin at multiples of the granule.
    Case<Real> ranges = before;
    for (std::ptrdiff_t first = 0; first < n; first += kernel.row_granule)
        kernel.fused_step(ranges.weights.data(), {first, std::min(n, first + kernel.row_granule), n, n + pad},
                          ranges.growth(), ranges.products());
    CHECK(ranges.weights == fused.weights && ranges.cosine_sums == fused.cosine_sums);

    std::vector<Real> coherence(static_cast<std::size_t>(n * all.stride), Real(7));
    kernel.coherence(coherence.data(), all, before.cosines.data(), before.sines.data());
    for (std::ptrdiff_t i = 0; i < n; ++i)
        for (std::ptrdiff_t j = 0; j < all.stride; ++j) {
            const double expected = static_cast<double>(before.cosines[i]) * before.cosines[j % n] +
                                    static_cast<double>(before.sines[i]) * before.sines[j % n];
            CHECK(j < n ? std::abs(coherence[i * all.stride + j] - expected) <= element_bound
                        : coherence[i * all.stride + j] == 7);
        }

    std::vector<Real> scaled = before.weights;
    kernel.scale(scaled.data(), static_cast<std::ptrdiff_t>(scaled.size()), Real(0.5));
    for (std::size_t k = 0; k < scaled.size(); ++k) CHECK(scaled[k] == before.weights[k] * Real(0.5));

    const auto count = static_cast<std::ptrdiff_t>(before.weights.size());
    const auto sum = std::accumulate(before.weights.begin(), before.weights.end(), 0.0L);
    CHECK(std::abs(static_cast<double>(kernel.total(before.weights.data(), count) - sum)) <=
          eps * static_cast<double>(count));
}

//! x <- x/2 + 1 takes every x to 2, so the sum of all tells how many there are, and so the operations of a round.
template <class Real>
void check_multiply_add() {
    Real last = 0;
    const double operations = detail::kernels<Real>().multiply_add(100, Real(0.5), Real(1), &last);
    CHECK(last > 0 && operations == 100 * static_cast<double>(last));
    CHECK(detail::kernels<Real>().multiply_add(0, Real(0.5), Real(1), &last) == 0);
}

}  // namespace

int main() {
    test::for_each_isa([](Isa) {
        check_multiply_add<float>();
        check_multiply_add<double>();
        for (const std::ptrdiff_t n : test::sizes)
            for (const std::ptrdiff_t pad : {0, 3}) {
                check_kernels<float>(n, pad);
                check_kernels<double>(n, pad);
            }
        check_kernels<double>(2056, 8);  // rows so long that they are asked for ahead
    });
    check_kernels<float>(4100, 12);
    return test::result();
}
