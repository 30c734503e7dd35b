// The kernels of a block of steps against sums in long double, on every instruction set.
#include <algorithm>
#include <cmath>
#include <limits>

#include "blocks/layout.hpp"
#include "cases.hpp"
#include "kernels/kernels.hpp"

using namespace resonance;

namespace {

std::size_t size(std::ptrdiff_t count) { return static_cast<std::size_t>(count); }

template <class Real>
bool close(Real found, long double wanted, double bound) {
    return std::abs(static_cast<long double>(found) - wanted) <= bound * std::numeric_limits<Real>::epsilon();
}

//! `count` rows of n random nodes, row_stride apart, with zeros behind them.
template <class Real>
std::vector<Real> rows_of_nodes(std::ptrdiff_t count, std::ptrdiff_t n, unsigned seed) {
    std::vector<Real> rows = test::random_values<Real>(size(count * detail::row_stride<Real>(n)), seed);
    detail::clear_padding(rows.data(), count, n);
    return rows;
}

template <class Real>
void check_multiply(std::ptrdiff_t rows, std::ptrdiff_t inner, std::ptrdiff_t n) {
    const auto& kernel = detail::kernels<Real>();
    const std::ptrdiff_t stride = detail::row_stride<Real>(n);
    const auto left = test::random_values<Real>(size(rows * inner), 1), right = rows_of_nodes<Real>(inner, n, 2);
    const auto before = rows_of_nodes<Real>(rows, n, 3);
    for (const Real keep : {Real(0), Real(0.75)}) {
        std::vector<Real> out = before;
        if (keep == 0) std::fill(out.begin(), out.end(), std::numeric_limits<Real>::quiet_NaN());  // must not be read
        kernel.multiply({out.data(), stride, keep, left.data(), inner, 1, right.data(), stride, rows, inner, stride});
        // The same from a transposed left matrix, some of the columns at a time: same bits.
        std::vector<Real> turned(left.size()), parts = keep == 0 ? out : before;
        for (std::ptrdiff_t i = 0; i < rows; ++i)
            for (std::ptrdiff_t k = 0; k < inner; ++k) turned[size(k * rows + i)] = left[size(i * inner + k)];
        const auto lanes = static_cast<std::ptrdiff_t>(64 / sizeof(Real));
        for (std::ptrdiff_t first = 0; first < stride; first += lanes)
            kernel.multiply({parts.data() + first, stride, keep, turned.data(), 1, rows, right.data() + first, stride,
                             rows, inner, lanes});
        CHECK(std::equal(out.begin(), out.end(), parts.begin()));
        for (std::ptrdiff_t i = 0; i < rows; ++i)
            for (std::ptrdiff_t j = 0; j < stride; ++j) {
                long double sum = keep == 0 ? 0 : static_cast<long double>(keep) * before[size(i * stride + j)];
                for (std::ptrdiff_t k = 0; k < inner; ++k)
                    sum += static_cast<long double>(left[size(i * inner + k)]) * right[size(k * stride + j)];
                CHECK(close(out[size(i * stride + j)], sum, 4 * static_cast<double>(inner + 1)));
            }
    }
}

//! Growth of `pairs` pairs and products with `columns` columns, together and alone.
template <class Real>
void check_pass(std::ptrdiff_t n, std::ptrdiff_t pairs, std::ptrdiff_t columns) {
    const auto& kernel = detail::kernels<Real>();
    const auto vector = static_cast<std::ptrdiff_t>(64 / sizeof(Real));
    const std::ptrdiff_t width = (n + vector - 1) / vector * vector, stride = width + vector;
    const std::ptrdiff_t group = kernel.panel_group, padded = (columns + group - 1) / group * group;
    std::vector<Real> weights = test::random_values<Real>(size(n * stride), 1);
    for (std::ptrdiff_t i = 0; i < n; ++i)
        std::fill(weights.begin() + i * stride + n, weights.begin() + (i + 1) * stride, Real(0));
    const std::vector<Real> before = weights;
    const auto factors = rows_of_nodes<Real>(2 * pairs, n, 2);
    const auto along = test::random_values<Real>(size(pairs), 3), across = test::random_values<Real>(size(pairs), 4);
    const auto values = test::random_values<Real>(size(n * padded), 5);
    std::vector<double> sums(size(n * padded), 7.0);
    std::vector<Real> scratch(size(detail::pass_scratch(2 * pairs)) + 1);

    detail::WeightsPass<Real> pass{};
    pass.decay = 0.9;
    pass.factors = factors.data();
    pass.factor_stride = detail::row_stride<Real>(n);
    pass.rank = 2 * pairs;
    pass.along = along.data();
    pass.across = across.data();
    pass.panel = values.data();
    pass.panel_columns = padded;
    pass.sums = sums.data();
    pass.sum_stride = padded;
    pass.nodes = n;
    kernel.weights_pass(weights.data(), {0, n, width, stride}, pass, scratch.data());

    const auto factor = [&](std::ptrdiff_t row, std::ptrdiff_t i) {
        return static_cast<long double>(factors[size(row * detail::row_stride<Real>(n) + i)]);
    };
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        for (std::ptrdiff_t j = 0; j < n; ++j) {
            long double wanted = 0.9L * before[size(i * stride + j)];
            for (std::ptrdiff_t k = 0; k < pairs; ++k) {
                const long double u = factor(2 * k, i), v = factor(2 * k + 1, i);
                wanted += (along[size(k)] * u + across[size(k)] * v) * factor(2 * k, j) +
                          (along[size(k)] * v - across[size(k)] * u) * factor(2 * k + 1, j);
            }
            CHECK(close(weights[size(i * stride + j)], wanted, 8.0 * static_cast<double>(pairs + 1)));
        }
        for (std::ptrdiff_t j = n; j < stride; ++j) CHECK(weights[size(i * stride + j)] == 0);
        for (std::ptrdiff_t q = 0; q < padded; ++q) {
            long double sum = 0;
            for (std::ptrdiff_t j = 0; j < n; ++j)
                sum += static_cast<long double>(weights[size(i * stride + j)]) *
                       values[size(q / group * group * n + j * group + q % group)];
            const double bound =
                4 * static_cast<double>(n) * static_cast<double>(pairs + 1) * std::numeric_limits<Real>::epsilon();
            CHECK(std::abs(sums[size(i * padded + q)] - static_cast<double>(sum)) <= bound);
        }
    }

    // Rows in ranges that begin at multiples of the granule have the same bits; so has the pass in two halves.
    std::vector<Real> parts = before;
    std::vector<double> part_sums(sums.size(), -7.0);
    pass.sums = part_sums.data();
    for (std::ptrdiff_t first = 0; first < n; first += kernel.pass_row_granule)
        kernel.weights_pass(parts.data(), {first, std::min(n, first + kernel.pass_row_granule), width, stride}, pass,
                            scratch.data());
    CHECK(parts == weights && part_sums == sums);
    parts = before;
    pass.panel_columns = 0;
    kernel.weights_pass(parts.data(), {0, n, width, stride}, pass, scratch.data());
    CHECK(parts == weights);
    std::fill(part_sums.begin(), part_sums.end(), 0.0);
    pass.panel_columns = padded;
    pass.rank = 0;
    pass.decay = 1;
    kernel.weights_pass(parts.data(), {0, n, width, stride}, pass, scratch.data());
    CHECK(parts == weights && part_sums == sums);
    pass.panel_columns = 0;  // a decay without growth
    pass.decay = 0.5;
    kernel.weights_pass(parts.data(), {0, n, width, stride}, pass, scratch.data());
    for (std::size_t k = 0; k < parts.size(); ++k) CHECK(parts[k] == weights[k] / 2);
}

template <class Real>
void check_block_step(std::ptrdiff_t n, std::ptrdiff_t pairs) {
    const auto& kernel = detail::kernels<Real>();
    const std::ptrdiff_t stride = detail::row_stride<Real>(n);
    const auto factors = rows_of_nodes<Real>(2 * pairs, n, 1), columns = rows_of_nodes<Real>(2 * pairs, n, 2);
    const auto products = rows_of_nodes<Real>(2, n, 3);
    const auto strengths = test::random_values<Real>(size(4 * pairs), 4);
    const auto at = [&](const std::vector<Real>& rows, std::ptrdiff_t row, std::ptrdiff_t i) {
        return static_cast<long double>(rows[size(row * stride + i)]);
    };

    std::vector<double> dots(size(4 * pairs), 7.0);
    kernel.pair_dots(factors.data(), factors.data() + stride, columns.data(), stride, pairs, stride, dots.data());
    for (std::ptrdiff_t k = 0; k < pairs; ++k)
        for (const int which : {0, 1, 2, 3}) {
            long double sum = 0;
            for (std::ptrdiff_t i = 0; i < n; ++i) sum += at(factors, which / 2, i) * at(columns, 2 * k + which % 2, i);
            CHECK(std::abs(dots[size(4 * k + which)] - static_cast<double>(sum)) <=
                  4 * static_cast<double>(n) * std::numeric_limits<Real>::epsilon());
        }

    std::vector<double> resonance(size(stride), 7.0);
    detail::BlockResonance<Real> block{
        columns.data(),  columns.data() + stride, products.data(), products.data() + stride,
        Real(0.5),       factors.data(),          stride,          pairs,
        strengths.data()};
    CHECK(kernel.block_resonance(block, stride, resonance.data()));
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        long double x = at(products, 0, i) / 2, y = at(products, 1, i) / 2;
        for (std::ptrdiff_t k = 0; k < pairs; ++k) {
            x +=
                strengths[size(4 * k)] * at(factors, 2 * k, i) + strengths[size(4 * k + 1)] * at(factors, 2 * k + 1, i);
            y += strengths[size(4 * k + 2)] * at(factors, 2 * k, i) +
                 strengths[size(4 * k + 3)] * at(factors, 2 * k + 1, i);
        }
        CHECK(std::abs(resonance[size(i)] - static_cast<double>(at(columns, 0, i) * x + at(columns, 1, i) * y)) <=
              8 * static_cast<double>(pairs + 1) * std::numeric_limits<Real>::epsilon());
    }
    std::vector<Real> broken = products;
    broken[size(n - 1)] = std::numeric_limits<Real>::infinity();
    block.cosine_products = broken.data();
    CHECK(!kernel.block_resonance(block, stride, resonance.data()));

    std::vector<double> weights = test::random_values<double>(size(pairs), 5), squares(size(n), 1.0);
    kernel.add_squares(factors.data(), stride, 2 * pairs, weights.data(), n, squares.data());
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        long double sum = 1;
        for (std::ptrdiff_t k = 0; k < 2 * pairs; ++k)
            sum += weights[size(k / 2)] * at(factors, k, i) * at(factors, k, i);
        CHECK(std::abs(squares[size(i)] - static_cast<double>(sum)) <= 1e-14 * static_cast<double>(pairs + 1));
    }

    const auto amplitudes = test::random_values<Real>(size(n), 6);
    std::vector<Real> pair(size(2 * n));
    kernel.scaled_pair(amplitudes.data(), columns.data(), columns.data() + stride, n, pair.data(), pair.data() + n);
    for (std::ptrdiff_t i = 0; i < n; ++i)
        CHECK(pair[size(i)] == amplitudes[size(i)] * columns[size(i)] &&
              pair[size(n + i)] == amplitudes[size(i)] * columns[size(stride + i)]);
}

template <class Real>
void check_all() {
    for (const std::ptrdiff_t n : test::sizes) {
        for (const std::ptrdiff_t rows : {1, 2, 5, 8, 13})
            for (const std::ptrdiff_t inner : {0, 1, 9}) check_multiply<Real>(rows, inner, n);
        for (const std::ptrdiff_t pairs : {1, 3, 32, 33}) check_pass<Real>(n, pairs, 5);
        for (const std::ptrdiff_t pairs : {1, 2, 7}) check_block_step<Real>(n, pairs);
    }
    for (const std::ptrdiff_t n : {127, 128, 129, 300}) check_pass<Real>(n, 33, 70);  // several tiles of columns
}

}  // namespace

int main() {
    test::for_each_isa([](Isa) {
        check_all<float>();
        check_all<double>();
    });
    return test::result();
}
