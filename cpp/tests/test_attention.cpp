// Attention through phase alignment against sums in long double, on every instruction set; and what a control loop is
// promised: nothing on the heap, not a byte beside the workspace.
#include "resonance/attention.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "cases.hpp"
#include "heap_counter.hpp"

using namespace resonance;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

//! Arrays of one head, with rows further apart than they are long.
template <class Real>
struct Case {
    Case(std::ptrdiff_t n_queries, std::ptrdiff_t n_keys, std::ptrdiff_t columns, std::ptrdiff_t value_columns)
        : layout{n_queries,   n_keys,      columns,           value_columns,
                 columns + 1, columns + 2, value_columns + 3, value_columns + 4} {
        const auto count = [](std::ptrdiff_t rows, std::ptrdiff_t stride) {
            return static_cast<std::size_t>(rows * stride);
        };
        q = test::random_values<Real>(count(n_queries, layout.q_stride), 1, -2, 2);
        k = test::random_values<Real>(count(n_keys, layout.k_stride), 2, -2, 2);
        v = test::random_values<Real>(count(n_keys, layout.v_stride), 3, -2, 2);
        phase_q = test::random_values<double>(count(n_queries, 1), 4, -150, 150);
        phase_k = test::random_values<double>(count(n_keys, 1), 5, -150, 150);
        out.assign(count(n_queries, layout.out_stride), Real(7));
        settings.scale = 1 / std::sqrt(static_cast<double>(columns));
    }

    AttentionHead<Real> head() {
        return {q.data(),
                k.data(),
                v.data(),
                phase_q.data(),
                phase_k.data(),
                out.data(),
                mask.empty() ? nullptr : mask.data()};
    }
    Status run(int threads = 1) {
        const AttentionHead<Real> one = head();
        std::vector<std::byte> workspace(attention_workspace_size<Real>(layout.columns, layout.value_columns, threads));
        return phase_attention<Real>({&one, 1}, layout, settings, workspace, threads);
    }
    void hide(std::ptrdiff_t every) {
        mask.assign(static_cast<std::size_t>(layout.n_keys), 0);
        for (std::ptrdiff_t j = 0; j < layout.n_keys; j += every) mask[static_cast<std::size_t>(j)] = 1;
    }
    bool sees(std::ptrdiff_t i, std::ptrdiff_t j) const {
        return (!settings.causal || j <= i + layout.n_keys - layout.n_queries) &&
               (mask.empty() || mask[static_cast<std::size_t>(j)] != 0);
    }
    //! The output of query i, by the formula.
    std::vector<long double> expected(std::ptrdiff_t i) const {
        std::vector<long double> scores, sums(static_cast<std::size_t>(layout.value_columns), 0);
        long double largest = -INFINITY, total = 0;
        for (std::ptrdiff_t j = 0; j < layout.n_keys; ++j) {
            long double score = 0;
            for (std::ptrdiff_t a = 0; a < layout.columns; ++a)
                score += static_cast<long double>(q[i * layout.q_stride + a]) * k[j * layout.k_stride + a];
            score *= settings.scale * std::cos(static_cast<long double>(phase_q[i]) - phase_k[j]);
            scores.push_back(sees(i, j) ? score : -INFINITY);
            largest = std::max(largest, scores.back());
        }
        if (largest == -INFINITY) return sums;
        for (std::ptrdiff_t j = 0; j < layout.n_keys; ++j) {
            if (!sees(i, j)) continue;
            const long double weight = std::exp(scores[static_cast<std::size_t>(j)] - largest);
            total += weight;
            for (std::size_t c = 0; c < sums.size(); ++c)
                sums[c] += weight * v[j * layout.v_stride + static_cast<std::ptrdiff_t>(c)];
        }
        for (long double& sum : sums) sum /= total;
        return sums;
    }

    AttentionLayout layout;
    AttentionSettings settings;
    std::vector<Real> q, k, v, out;
    std::vector<double> phase_q, phase_k;
    std::vector<unsigned char> mask;
};

template <class Real>
void check_against_formula(Case<Real>& c) {
    CHECK(c.run() == Status::ok);
    const double bound = 200 * static_cast<double>(std::numeric_limits<Real>::epsilon());
    for (std::ptrdiff_t i = 0; i < c.layout.n_queries; ++i) {
        const Real* row = c.out.data() + i * c.layout.out_stride;
        const std::vector<long double> expected = c.expected(i);
        for (std::ptrdiff_t a = 0; a < c.layout.value_columns; ++a)
            CHECK(std::abs(static_cast<double>(row[a] - expected[static_cast<std::size_t>(a)])) <= bound);
        for (std::ptrdiff_t a = c.layout.value_columns; a < c.layout.out_stride; ++a) CHECK(row[a] == 7);
    }
}

template <class Real>
void check_formula() {
    for (const std::ptrdiff_t n : test::sizes)
        for (const std::ptrdiff_t n_keys : {n, n + 3, std::max<std::ptrdiff_t>(1, n - 2), std::ptrdiff_t{97}})
            for (const bool causal : {false, true}) {
                Case<Real> c(n, n_keys, n % 5 + 1, n % 9 + 1);
                c.settings.causal = causal;
                check_against_formula(c);
                c.hide(3);
                check_against_formula(c);
            }
    // Several tiles of keys, and masks that leave whole tiles out.
    Case<Real> c(40, 300, 7, 6);
    c.hide(1);
    std::fill(c.mask.begin(), c.mask.begin() + 210, static_cast<unsigned char>(0));
    check_against_formula(c);
    c.settings.causal = true;
    check_against_formula(c);
    c.settings.causal = false;
    std::fill(c.mask.begin(), c.mask.end(), static_cast<unsigned char>(0));
    CHECK(c.run() == Status::ok);
    for (std::ptrdiff_t i = 0; i < 40; ++i) CHECK(c.out[static_cast<std::size_t>(i * c.layout.out_stride)] == 0);
}

//! Pieces, threads and the place in a batch change no bit.
template <class Real>
void check_bits() {
    const std::ptrdiff_t n = 2 * detail::kAttentionQueries<Real> + 37;
    Case<Real> c(n, 301, 9, 5);
    c.settings.causal = true;
    CHECK(c.run() == Status::ok);
    const std::vector<Real> alone = c.out;
    for (const int threads : {2, 3, 8}) {
        std::fill(c.out.begin(), c.out.end(), Real(7));
        CHECK(c.run(threads) == Status::ok);
        CHECK(c.out == alone);
    }
    std::vector<Real> outputs(3 * alone.size(), Real(7));
    std::vector<AttentionHead<Real>> heads(3, c.head());
    for (std::size_t h = 0; h < 3; ++h) heads[h].out = outputs.data() + h * alone.size();
    std::vector<std::byte> workspace(attention_workspace_size<Real>(9, 5, 2));
    CHECK(phase_attention<Real>(heads, c.layout, c.settings, workspace, 2) == Status::ok);
    for (std::size_t k = 0; k < outputs.size(); ++k) CHECK(outputs[k] == alone[k % alone.size()]);
}

//! The size of the workspace is enough, at any alignment; a byte less is refused.
template <class Real>
void check_workspace() {
    for (const std::ptrdiff_t columns : {0, 1, 5, 64})
        for (const std::ptrdiff_t value_columns : {0, 1, 7, 65}) {
            Case<Real> c(detail::kAttentionQueries<Real> + 1, 97, columns, value_columns);
            c.settings.scale = 1;
            const std::size_t size = attention_workspace_size<Real>(columns, value_columns);
            const AttentionHead<Real> head = c.head();
            for (const std::size_t shift : {0, 1, 63}) {
                std::vector<std::byte> memory(size + shift + 64, std::byte{0xA5});
                CHECK(phase_attention<Real>({&head, 1}, c.layout, c.settings, {memory.data() + shift, size}) ==
                      Status::ok);
                for (std::size_t k = 0; k < shift; ++k) CHECK(memory[k] == std::byte{0xA5});
                for (std::size_t k = shift + size; k < memory.size(); ++k) CHECK(memory[k] == std::byte{0xA5});
                CHECK(phase_attention<Real>({&head, 1}, c.layout, c.settings, {memory.data(), size - 1}) ==
                      Status::invalid_size);
            }
        }
}

template <class Real>
void check_status() {
    Case<Real> c(5, 6, 3, 2);
    const std::vector<Real> before = c.out;
    const auto refused = [&c, &before](auto& number, auto wrong, Status status) {
        const auto right = number;
        number = static_cast<std::decay_t<decltype(number)>>(wrong);
        CHECK(c.run() == status);
        CHECK(c.out == before);
        number = right;
    };
    refused(c.q[1], kNaN, Status::non_finite);
    refused(c.k[c.k.size() - 3], INFINITY, Status::non_finite);
    refused(c.v[0], -INFINITY, Status::non_finite);
    refused(c.phase_q[4], kNaN, Status::non_finite);
    refused(c.phase_k[5], INFINITY, Status::non_finite);
    refused(c.settings.scale, kNaN, Status::invalid_value);
    refused(c.layout.n_keys, -1, Status::invalid_size);
    refused(c.layout.columns, std::numeric_limits<std::ptrdiff_t>::max(), Status::invalid_size);
    CHECK(phase_attention<Real>({}, c.layout, c.settings, {}) == Status::invalid_size);
    constexpr std::ptrdiff_t largest = std::numeric_limits<std::ptrdiff_t>::max();
    CHECK(attention_workspace_size<Real>(largest, 1) == 0 && attention_workspace_size<Real>(1, -1) == 0);

    // What is hidden, and what lies between the rows, is not read.
    c.hide(2);
    CHECK(c.run() == Status::ok);
    const std::vector<Real> clean = c.out;
    c.k[static_cast<std::size_t>(c.layout.k_stride)] = static_cast<Real>(kNaN);
    c.v[static_cast<std::size_t>(3 * c.layout.v_stride + 1)] = static_cast<Real>(kNaN);
    c.phase_k[5] = kNaN;
    c.q[static_cast<std::size_t>(c.layout.q_stride - 1)] = static_cast<Real>(kNaN);
    CHECK(c.run() == Status::ok && c.out == clean);

    // Scores beyond the range of the type, of either sign.
    constexpr Real large = std::numeric_limits<Real>::max() / 2;
    for (const Real sign : {Real(1), Real(-1)}) {
        Case<Real> scores(4, 4, 2, 2);
        std::fill(scores.phase_q.begin(), scores.phase_q.end(), 0.0);
        std::fill(scores.phase_k.begin(), scores.phase_k.end(), 0.0);
        std::fill(scores.q.begin(), scores.q.end(), large);
        std::fill(scores.k.begin(), scores.k.end(), sign * large);
        CHECK(scores.run() == Status::overflow);
    }
    // Sums beyond the range, of outputs within it.
    Case<Real> outputs(4, 100, 2, 2);
    std::fill(outputs.v.begin(), outputs.v.end(), large);
    CHECK(outputs.run() == Status::ok);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(std::abs(outputs.out[i * 6] / large - 1) <= 100 * std::numeric_limits<Real>::epsilon());
}

template <class Real>
void check_interrupt() {
    Case<Real> c(3 * detail::kAttentionQueries<Real>, 9, 2, 2);
    const AttentionHead<Real> head = c.head();
    std::vector<std::byte> workspace(attention_workspace_size<Real>(2, 2));
    int asked = 0;
    const Interrupt second{[](void* context) noexcept { return ++*static_cast<int*>(context) == 2; }, &asked};
    CHECK(phase_attention<Real>({&head, 1}, c.layout, c.settings, workspace, 1, second) == Status::interrupted);
    CHECK(asked == 2);
    asked = 2;
    CHECK(phase_attention<Real>({&head, 1}, c.layout, c.settings, workspace, 1, second) == Status::ok);
    CHECK(asked == 5);
}

//! In static memory, as in a loop.
template <class Real>
void check_allocation() {
    constexpr std::ptrdiff_t columns = 8;
    static std::byte workspace[attention_workspace_size<Real>(columns, columns)];
    Case<Real> c(33, 200, columns, columns);
    c.hide(2);
    const AttentionHead<Real> head = c.head();
    const long before = test::heap_calls;
    for (int tick = 0; tick < 100; ++tick)
        CHECK(phase_attention<Real>({&head, 1}, c.layout, c.settings, workspace) == Status::ok);
    CHECK(test::heap_calls == before);
}

template <class Real>
void check() {
    check_formula<Real>();
    check_bits<Real>();
    check_workspace<Real>();
    check_status<Real>();
    check_interrupt<Real>();
    check_allocation<Real>();
}

}  // namespace

int main() {
    test::for_each_isa([](Isa) {
        check<float>();
        check<double>();
    });
    return test::result();
}
