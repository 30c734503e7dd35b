// Networks on many threads: those of the standard library, and those of somebody else's parallel region.
#include <atomic>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "cases.hpp"
#include "resonance/attention.hpp"
#include "resonance/network.hpp"
#include "resonance/threads.hpp"

namespace {

using namespace resonance;

// By blocks, by compressed blocks, by single steps and by factors.
struct Setting {
    std::ptrdiff_t n;
    double coupling;
    WeightStorage storage = WeightStorage::dense;
};
constexpr Setting kSettings[] = {{300, 0}, {520, 0}, {130, 0.01}, {17000, 0, WeightStorage::factored}};
constexpr std::int64_t kSteps = 64;

std::unique_ptr<Network<double>> make(const Setting& setting) {
    Options options{setting.n};
    options.threads = 2;
    options.storage = setting.storage;
    options.hyperparameters.gain = 30 / static_cast<double>(setting.n);
    options.hyperparameters.coupling = setting.coupling;
    std::unique_ptr<Network<double>> network;
    if (Network<double>::create(options, network) != Status::ok) return nullptr;
    const auto n = static_cast<std::size_t>(setting.n);
    const auto phases = test::random_values<double>(n, 1, 0, 6);
    if (network->set_phases({phases.data(), n}) != Status::ok) return nullptr;
    if (setting.storage == WeightStorage::factored) return network;
    const auto weights = test::random_values<double>(n * n, 2, -0.1, 0.1);
    const bool set = network->set_weight_rows(0, span<const double>(weights.data(), n * n)) == Status::ok;
    return set ? std::move(network) : nullptr;
}

//! Whether a new network went the whole way: a run, and rows of data.
bool run(Network<double>* network) {
    if (network == nullptr) return false;
    const double input = 0.5;
    std::int64_t completed = 0;
    const bool ran = network->run({&input, 1, false, kSteps}, 0.01, Interrupt{}, completed) == Status::ok;
    if (!ran || completed != kSteps) return false;
    if (network->weights() == nullptr) return true;
    const std::size_t rows = 70;  // enough for the lower triangle alone
    const auto offsets = test::random_values<double>(rows * static_cast<std::size_t>(network->n_nodes()), 3);
    const span<const double> data(offsets.data(), offsets.size());
    return network->entrain(data, std::nullopt, Interrupt{}, completed) == Status::ok;
}

bool same(const Network<double>& a, const Network<double>& b) {
    const auto n = static_cast<std::size_t>(a.n_nodes());
    const auto rows = n * static_cast<std::size_t>(a.weight_stride()) * sizeof(double);
    return a.step_count() == b.step_count() && a.presentation_count() == b.presentation_count() &&
           (a.weights() == nullptr || std::memcmp(a.weights(), b.weights(), rows) == 0) &&
           std::memcmp(a.amplitudes().data(), b.amplitudes().data(), n * sizeof(double)) == 0;
}

//! Whether a network made and run here has the bits of `wanted`.
bool comes_to(const Network<double>& wanted, const Setting& setting) {
    const auto network = make(setting);
    return run(network.get()) && same(*network, wanted);
}

void check_networks_of_many_threads(const Setting& setting) {
    const auto alone = make(setting);
    CHECK(run(alone.get()));
    std::atomic<int> equal{0};
    std::vector<std::thread> threads;
    for (int k = 0; k < 4; ++k) threads.emplace_back([&] { equal += comes_to(*alone, setting) ? 1 : 0; });
    for (auto& thread : threads) thread.join();
    CHECK(equal == 4);
}

#ifdef _OPENMP
//! Threads of this process; 0 where the system doesn't tell.
std::ptrdiff_t count_threads() {
    std::error_code error;
    const std::filesystem::directory_iterator tasks("/proc/self/task", error);
    return error ? 0 : std::distance(begin(tasks), end(tasks));
}

//! Within a parallel region of others, a call stays on its thread, as OpenMP has it unless it is told otherwise.
void check_parallel_region_of_others(const Setting& setting) {
    const auto alone = make(setting);
    CHECK(run(alone.get()));
    const std::ptrdiff_t before = count_threads();
    std::atomic<int> equal{0}, members{0};
#pragma omp parallel num_threads(3)
    {
        members += 1;
        equal += comes_to(*alone, setting) ? 1 : 0;
    }
    CHECK(equal == members);
    CHECK(count_threads() <= before + members);

    const int levels = omp_get_max_active_levels();
    omp_set_max_active_levels(2);  // told otherwise
    equal = members = 0;
#pragma omp parallel num_threads(2)
    {
        members += 1;
        equal += comes_to(*alone, setting) ? 1 : 0;
    }
    omp_set_max_active_levels(levels);
    CHECK(equal == members);
}
#endif

//! Clock and counts of a network may be read while another thread runs it.
void check_clock() {
    const auto network = make(kSettings[2]);
    std::atomic<bool> done{false};
    bool in_order = true;
    std::thread reader([&] {
        std::int64_t last = 0;
        while (!done) {
            const std::int64_t now = network->step_count();
            in_order = in_order && now >= last && network->time() >= 0;
            last = now;
        }
    });
    CHECK(run(network.get()));
    done = true;
    reader.join();
    CHECK(in_order);
    CHECK(network->step_count() == kSteps);
}

//! Numbers of threads change no bit, also where another thread sets them meanwhile.
void check_settings_of_the_process() {
    const Setting setting = kSettings[1];
    const auto alone = make(setting);
    CHECK(run(alone.get()));
    std::atomic<bool> done{false}, set{true};
    std::thread setter([&] {
        for (int k = 0; !done; ++k)
            if (set_num_threads(k % 4) != Status::ok) set = false;
    });
    for (int k = 0; k < 3; ++k) {
        const auto network = make(setting);
        CHECK(network->set_threads(0) == Status::ok);
        CHECK(run(network.get()));
        CHECK(same(*network, *alone));
    }
    done = true;
    setter.join();
    CHECK(set);
    CHECK(set_num_threads(0) == Status::ok);
}

}  // namespace

int main() {
    for (const Setting& setting : kSettings) {
        check_networks_of_many_threads(setting);
#ifdef _OPENMP
        check_parallel_region_of_others(setting);
#endif
    }
    check_clock();
    check_settings_of_the_process();
    return test::result();
}
