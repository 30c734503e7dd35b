// Phase noise: the words of Philox, the normal numbers made of them, and what a network does with these.
#define RESONANCE_VECTOR_BYTES 16
#define RESONANCE_TILE_ROWS 2
#include "kernels/philox.hpp"

#include <cmath>
#include <cstring>
#include <memory>

#include "cases.hpp"
#include "kernels/kernels.hpp"
#include "resonance/network.hpp"

using namespace resonance;

namespace {

constexpr long double kTurn = 6.283185307179586476925286766559L;

//! What numpy.random.Philox gives; the first is also among the known answers of its authors.
void check_known_words() {
    struct Known {
        std::uint64_t key, counter_0, counter_1, words[4];
    };
    constexpr std::uint64_t most = ~std::uint64_t{0};
    const Known all[] = {
        {0, 0, 0, {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}},
        {0x0123456789abcdef, 1, 0, {0xdaf0bdc754a0b959, 0x38123d82f9ce12cf, 0x26cf92e903faab88, 0x1c243f1f4212c6ad}},
        {most, most, most, {0x2375e77dcd3a271f, 0xa7ae641dbea2ca26, 0x5e3287290c80145b, 0x9e311516bb88aaf0}},
        {42, 5, 1000, {0xbd54185306729dd9, 0x0149f66d57e029dd, 0xdfbd1181a558e6f5, 0x8735a3dfcf680bcf}},
    };
    for (const Known& known : all) {
        std::uint64_t words[4];
        detail::philox(known.key, known.counter_0, known.counter_1, words);
        CHECK(std::memcmp(words, known.words, sizeof words) == 0);
        for (const std::uint64_t a : known.words)
            for (const std::uint64_t b : {known.words[3], most, std::uint64_t{0xffffffff}})
                CHECK(detail::high_word_by_halves(a, b) == detail::high_word(a, b));
    }
}

//! The number of a node, by the formula in long double.
long double normal(std::uint64_t seed, std::uint64_t step, std::ptrdiff_t node) {
    std::uint64_t words[4];
    detail::philox(seed, 1 + static_cast<std::uint64_t>(node / 4), step, words);
    const std::uint64_t* of_pair = words + node % 4 / 2 * 2;
    const long double u = static_cast<long double>((of_pair[0] >> 11U) + 1) * 0x1p-53L;
    const long double angle = kTurn * static_cast<long double>(of_pair[1] >> 11U) * 0x1p-53L;
    return std::sqrt(-2 * std::log(u)) * (node % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

void check_numbers() {
    constexpr std::ptrdiff_t n = 10001;
    constexpr double scale = 0.3;
    std::vector<double> whole(n), part(n);
    double worst = 0, sum = 0, squares = 0;
    for (const std::uint64_t step : {0U, 1U, 77U}) {
        detail::kernels<double>().phase_noise(99, step, 0, n, scale, whole.data());
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            const auto exact = static_cast<double>(scale * normal(99, step, i));
            worst = std::max(worst, std::abs(whole[static_cast<std::size_t>(i)] - exact) / scale);
            sum += exact;
            squares += exact * exact;
        }
        // Whichever of them are asked for, and from whichever table.
        for (const std::ptrdiff_t first : {0, 1, 2, 3, 4, 15, 16, 17, 255, 256, 5000})
            for (const std::ptrdiff_t last : {first, first + 1, first + 5, first + 64, n}) {
                std::fill(part.begin(), part.end(), 7.0);
                detail::kernels<float>().phase_noise(99, step, first, last, scale, part.data());
                const auto count = static_cast<std::size_t>(last - first);
                CHECK(std::memcmp(part.data(), whole.data() + first, count * sizeof(double)) == 0);
                CHECK(count == part.size() || part[count] == 7);
            }
    }
    std::printf("%s: largest error %.2g standard deviations\n", to_string(isa()), worst);
    CHECK(worst <= 4e-15);
    CHECK(std::abs(sum / (3 * n)) < 0.01 && std::abs(squares / (3 * n) / (scale * scale) - 1) < 0.05);
}

//! The least u there is, 2^-53, gives the largest number.
void check_largest() {
    CHECK(std::sqrt(2 * 53 * std::log(2.0)) < detail::kLargestNormal);
    CHECK(std::sqrt(2 * 53 * std::log(2.0)) > detail::kLargestNormal - 0.1);
}

template <class Real>
std::unique_ptr<Network<Real>> noisy(std::ptrdiff_t n, double coupling) {
    Options options{n};
    options.hyperparameters.noise_std = 0.5;
    options.hyperparameters.coupling = coupling;
    std::unique_ptr<Network<Real>> network;
    CHECK(Network<Real>::create(options, network) == Status::ok && network->noise_seed() == 0);
    network->set_noise_seed(0xfedcba9876543210);
    return network;
}

//! From phases 0, without frequencies and input, the phases are the noise; a pinned one feels none.
template <class Real>
void check_steps(std::ptrdiff_t n, double coupling) {
    auto network = noisy<Real>(n, coupling);
    CHECK(network->pin(0, 1.0, 0.25) == Status::ok && network->set_clock(5, 0) == Status::ok);
    const auto by = [](double phase, long double wanted) {
        return std::abs(std::remainder(static_cast<long double>(phase) - wanted, kTurn)) <= 1e-14L;
    };
    CHECK(network->update(0.0, 0.01) == Status::ok);
    for (std::ptrdiff_t i = 1; i < n; ++i)
        CHECK(by(network->phases()[static_cast<std::size_t>(i)], 0.05L * normal(network->noise_seed(), 5, i)));
    CHECK(network->phases()[0] == 0.25);
}

//! The bits of a later step follow from seed and step count, by whatever way the network came there.
template <class Real>
void check_copies(std::ptrdiff_t n) {
    auto network = noisy<Real>(n, 0.3), twin = noisy<Real>(n, 0);
    CHECK(network->update(0.1, 0.01) == Status::ok);
    std::vector<std::byte> memory(network->snapshot_size());
    CHECK(network->snapshot(memory) == Status::ok);
    const auto same = [&] {
        return std::memcmp(network->phases().data(), twin->phases().data(), static_cast<std::size_t>(n) * 8) == 0;
    };
    twin->set_noise_seed(1);
    CHECK(twin->assign(*network) == Status::ok && twin->noise_seed() == network->noise_seed());
    CHECK(network->update(0.1, 0.01) == Status::ok && twin->update(0.1, 0.01) == Status::ok && same());
    twin->set_noise_seed(1);
    CHECK(twin->restore(memory) == Status::ok && twin->noise_seed() == network->noise_seed());
    CHECK(twin->update(0.1, 0.01) == Status::ok && same());
    twin->set_noise_seed(1);
    CHECK(network->update(0.1, 0.01) == Status::ok && twin->update(0.1, 0.01) == Status::ok && !same());
}

//! Noise that could carry phases beyond double is refused, and changes nothing.
void check_overflow() {
    auto network = noisy<double>(9, 0);
    Hyperparameters h = network->hyperparameters();
    h.noise_std = 1e308;
    CHECK(network->set_hyperparameters(h) == Status::ok);
    Inputs held;
    const double input = 0;
    held.values = &input;
    held.hold = 10;
    std::int64_t completed = 0;
    CHECK(network->update(0.0, 1e4) == Status::phase_overflow);
    CHECK(network->run(held, 1e4, {}, completed) == Status::phase_overflow && completed == 0);
    CHECK(network->step_count() == 0 && network->phases()[3] == 0);
    CHECK(network->update(0.0, 0.01) == Status::ok && network->phases()[3] < 6.3);
    CHECK(network->run(held, 0.01, {}, completed) == Status::ok && network->phases()[3] < 6.3);
    for (const double wrong : {-0.1, -1e-300, std::nan(""), static_cast<double>(INFINITY)}) {
        h.noise_std = wrong;
        CHECK(network->set_hyperparameters(h) == Status::invalid_value);
    }
}

}  // namespace

int main() {
    check_known_words();
    check_largest();
    test::for_each_isa([](Isa) {
        check_numbers();
        for (const std::ptrdiff_t n : {1, 2, 15, 33, 300}) {
            check_steps<float>(n, 0);
            check_steps<double>(n, 0);
            check_steps<double>(n, 0.7);  // without weights nothing pulls
            check_copies<float>(n);
            check_copies<double>(n);
        }
    });
    check_overflow();
    return test::result();
}
