// Ranks of a network, here threads: the same bits as one network, what every rank knows, and exchanges that fail.
#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "cases.hpp"
#include "resonance/network.hpp"
#include "resonance/recorder.hpp"

using namespace resonance;

namespace {

std::size_t size(std::ptrdiff_t n) { return static_cast<std::size_t>(n); }

//! A table at which ranks meet: each lays its part down, and when all have, each takes everything.
class Table {
public:
    Table(std::vector<std::ptrdiff_t> starts, std::ptrdiff_t fails_at = -1)
        : starts_(std::move(starts)), fails_at_(fails_at) {}

    std::size_t ranks() const { return starts_.size() - 1; }
    std::ptrdiff_t first(std::size_t rank) const { return starts_[rank]; }
    std::ptrdiff_t last(std::size_t rank) const { return starts_[rank + 1]; }

    bool gather(std::size_t rank, void* values, std::size_t bytes) {
        auto* mine = static_cast<unsigned char*>(values);
        const std::size_t begin = size(first(rank)) * bytes, end = size(last(rank)) * bytes;
        const std::size_t all = size(starts_.back()) * bytes;
        return meet(
            [&] {
                shared_.resize(all);
                std::memcpy(shared_.data() + begin, mine + begin, end - begin);
            },
            [&] { std::memcpy(mine, shared_.data(), all); });
    }

    bool sum(std::size_t, void* values, std::size_t count, std::size_t bytes) {
        return bytes == sizeof(float) ? sum_of(static_cast<float*>(values), count)
                                      : sum_of(static_cast<double*>(values), count);
    }

private:
    template <class Real>
    bool sum_of(Real* values, std::size_t count) {
        return meet(
            [&] {
                sums_.resize(count);
                for (std::size_t k = 0; k < count; ++k) sums_[k] += static_cast<double>(values[k]);
            },
            [&] {
                for (std::size_t k = 0; k < count; ++k) values[k] = static_cast<Real>(sums_[k]);
            });
    }

    template <class Lay, class Take>
    bool meet(const Lay& lay, const Take& take) {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [&] { return taking_ == 0; });
        lay();
        if (++laid_ == ranks()) {
            laid_ = 0;
            taking_ = ranks();
            ++meetings_;
            changed_.notify_all();
        } else {
            const std::ptrdiff_t meeting = meetings_;
            changed_.wait(lock, [&] { return meetings_ != meeting; });
        }
        take();
        if (--taking_ == 0) {
            sums_.clear();
            changed_.notify_all();
        }
        return meetings_ != fails_at_;
    }

    std::vector<std::ptrdiff_t> starts_;
    std::ptrdiff_t fails_at_, meetings_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t laid_ = 0, taking_ = 0;
    std::vector<unsigned char> shared_;
    std::vector<double> sums_;
};

struct Seat {
    Table* table;
    std::size_t rank;

    Exchange exchange() {
        Exchange made;
        // Ranks wait, whatever the mark says.
        // NOLINTBEGIN(clang-diagnostic-function-effects)
        made.gather = [](void* seat, void* values, std::size_t bytes) noexcept {
            return static_cast<Seat*>(seat)->table->gather(static_cast<Seat*>(seat)->rank, values, bytes);
        };
        made.sum = [](void* seat, void* values, std::size_t count, std::size_t bytes) noexcept {
            return static_cast<Seat*>(seat)->table->sum(static_cast<Seat*>(seat)->rank, values, count, bytes);
        };
        // NOLINTEND(clang-diagnostic-function-effects)
        made.context = this;
        made.rank = static_cast<std::ptrdiff_t>(rank);
        made.ranks = static_cast<std::ptrdiff_t>(table->ranks());
        return made;
    }
};

Options lively(std::ptrdiff_t n) {
    Options options;
    options.n_nodes = n;
    options.hyperparameters.gain = 10.0 / static_cast<double>(n);
    options.hyperparameters.coupling = 0.3 / static_cast<double>(n);
    options.hyperparameters.phase_lag = 0.2;
    options.hyperparameters.learning_lag = 0.3;
    options.hyperparameters.noise_std = 0.1;
    return options;
}

//! What a rank ends with; checks are counted by one thread, at the end.
template <class Real>
struct Outcome {
    bool ok = true;
    std::vector<double> phases, resonance;
    std::vector<Real> amplitudes, weights, recorded;
};

//! Brings a network to where nothing is as at first.
template <class Real>
bool fill(Network<Real>& network) {
    const std::ptrdiff_t n = network.n_nodes();
    std::vector<double> phases(size(n)), frequencies(size(n)), row(size(n));
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        phases[size(i)] = 0.37 * static_cast<double>(i * i % 17);
        frequencies[size(i)] = 1 + 0.01 * static_cast<double>(i % 13);
    }
    bool ok = network.set_phases(phases) == Status::ok && network.set_frequencies(frequencies) == Status::ok;
    for (std::ptrdiff_t i = network.first_row(); i < network.first_row() + network.row_count(); ++i) {
        for (std::ptrdiff_t j = 0; j < n; ++j) row[size(j)] = 0.01 * static_cast<double>((i * 31 + j * 7) % 23 - 11);
        ok = network.set_weight_rows(i, span<const double>(row)) == Status::ok && ok;
    }
    return network.pin(n - 1, 0.5, 0.25) == Status::ok && ok;
}

//! Single steps, with something set in between, and a run with somebody who looks on.
template <class Real>
Outcome<Real> live(Network<Real>& network) {
    Outcome<Real> out;
    const std::ptrdiff_t n = network.n_nodes();
    std::vector<double> input(size(n));
    for (std::ptrdiff_t i = 0; i < n; ++i) input[size(i)] = 0.1 * static_cast<double>(i % 5);
    out.ok = fill(network);
    for (int step = 0; step < 5; ++step)
        out.ok = network.update(span<const double>(input), 0.01) == Status::ok && out.ok;
    // These change sums that the coupling takes over, of who has them.
    out.ok = network.set_phase(n / 2, 1.5) == Status::ok && out.ok;
    out.ok = network.set_weight(n / 3, 1, Real(0.5)) == Status::ok && out.ok;
    out.recorded.resize(3 * 3 * 4);
    out.resonance.resize(3 * 4);
    const std::int64_t nodes[] = {0, n / 2, n - 1};
    Recording<Real> recording;
    recording.every = recording.weights_every = 2;
    recording.capacity = recording.weights_capacity = 4;
    recording.nodes = {nodes, 3};
    recording.resonance = out.resonance.data();
    recording.weights = out.recorded.data();
    Recorder<Real> recorder(recording);
    Inputs inputs;
    inputs.values = input.data();
    inputs.per_node = true;
    inputs.hold = 6;
    std::int64_t completed = 0;
    out.ok = network.run(inputs, 0.01, recorder, {}, completed) == Status::ok && completed == 6 && out.ok;
    out.phases.assign(network.phases().begin(), network.phases().end());
    out.amplitudes.assign(network.amplitudes().begin(), network.amplitudes().end());
    for (std::ptrdiff_t i = network.first_row(); i < network.first_row() + network.row_count(); ++i) {
        const span<const Real> row = network.weight_row(i);
        out.weights.insert(out.weights.end(), row.begin(), row.end());
    }
    return out;
}

template <class Real>
std::unique_ptr<Network<Real>> rank_of(Table& table, Seat& seat, const Options& options) {
    std::unique_ptr<Network<Real>> network;
    const Shard shard{table.first(seat.rank), table.last(seat.rank), seat.exchange()};
    if (Network<Real>::create(options, shard, network) != Status::ok) return nullptr;
    return network;
}

//! body(network, rank) on a thread for each rank.
template <class Real, class Body>
void on_ranks(Table& table, const Options& options, const Body& body) {
    std::vector<Seat> seats;
    seats.reserve(table.ranks());
    for (std::size_t rank = 0; rank < table.ranks(); ++rank) seats.push_back({&table, rank});
    std::vector<std::thread> threads;
    threads.reserve(table.ranks());
    for (std::size_t rank = 0; rank < table.ranks(); ++rank)
        threads.emplace_back([&, rank] {
            const auto network = rank_of<Real>(table, seats[rank], options);
            if (network != nullptr) body(*network, rank);
        });
    for (std::thread& thread : threads) thread.join();
}

template <class Real>
void check_against_one(const std::vector<std::ptrdiff_t>& starts) {
    const Options options = lively(starts.back());
    std::unique_ptr<Network<Real>> alone;
    CHECK(Network<Real>::create(options, alone) == Status::ok);
    const Outcome<Real> wanted = live(*alone);
    CHECK(wanted.ok);
    Table table(starts);
    std::vector<Outcome<Real>> outcomes(table.ranks());
    on_ranks<Real>(table, options, [&](Network<Real>& network, std::size_t rank) { outcomes[rank] = live(network); });
    std::vector<Real> weights;
    for (const Outcome<Real>& outcome : outcomes) {
        CHECK(outcome.ok);
        CHECK(outcome.phases == wanted.phases);
        CHECK(outcome.amplitudes == wanted.amplitudes);
        CHECK(outcome.resonance == wanted.resonance);
        CHECK(outcome.recorded == wanted.recorded);
        weights.insert(weights.end(), outcome.weights.begin(), outcome.weights.end());
    }
    CHECK(weights == wanted.weights);
}

//! Whether two arrays agree within `bound`, relative to the largest number.
template <class T>
bool agree(const std::vector<T>& got, const std::vector<T>& wanted, double bound) {
    if (got.size() != wanted.size()) return false;
    double largest = 0, difference = 0;
    for (std::size_t k = 0; k < got.size(); ++k) {
        largest = std::max(largest, std::abs(static_cast<double>(wanted[k])));
        difference = std::max(difference, std::abs(static_cast<double>(got[k] - wanted[k])));
    }
    return difference <= bound * largest;
}

//! What runs by blocks of steps or columns ends with: ranks agree to the bit, and with one network within `bound`.
template <class Real>
void check_runs(const Options& options, const std::vector<double>& inputs, std::int64_t hold,
                const std::vector<std::ptrdiff_t>& starts, double bound) {
    const std::ptrdiff_t n = options.n_nodes;
    const auto rows = static_cast<std::int64_t>(inputs.size() / size(n));
    const bool dense = options.storage == WeightStorage::dense;
    const auto run = [&](Network<Real>& network) {
        Outcome<Real> out;
        out.recorded.resize(9 * 12);
        out.resonance.resize(3 * 12);
        const std::int64_t nodes[] = {0, n / 2, n - 1};
        Recording<Real> recording;
        recording.every = recording.weights_every = 7;
        recording.capacity = recording.weights_capacity = 12;
        recording.nodes = {nodes, 3};
        recording.resonance = out.resonance.data();
        recording.weights = out.recorded.data();
        Recorder<Real> recorder(recording);
        const std::int64_t steps = rows * hold;
        std::int64_t completed = 0;
        out.ok = (dense ? fill(network) : network.pin(n - 1, 0.5, 0.25) == Status::ok) &&
                 network.run({inputs.data(), rows, true, hold, 0}, 0.01, recorder, {}, completed) == Status::ok &&
                 completed == steps;
        // A row of data, and a step after it.
        const std::vector<double> row(inputs.begin(), inputs.begin() + n);
        out.ok = network.entrain(span<const double>(row), 0.9, {}, completed) == Status::ok && completed == 1 && out.ok;
        out.ok = network.update(0.1, 0.01) == Status::ok && out.ok;
        out.phases.assign(network.phases().begin(), network.phases().end());
        out.amplitudes.assign(network.amplitudes().begin(), network.amplitudes().end());
        for (std::ptrdiff_t i = network.first_row(); dense && i < network.first_row() + network.row_count(); ++i)
            out.weights.insert(out.weights.end(), network.weight_row(i).begin(), network.weight_row(i).end());
        return out;
    };
    std::unique_ptr<Network<Real>> alone;
    CHECK(Network<Real>::create(options, alone) == Status::ok);
    const Outcome<Real> wanted = run(*alone);
    CHECK(wanted.ok);
    Table table(starts);
    std::vector<Outcome<Real>> outcomes(table.ranks());
    on_ranks<Real>(table, options, [&](Network<Real>& network, std::size_t rank) { outcomes[rank] = run(network); });
    std::vector<Real> weights;
    for (const Outcome<Real>& outcome : outcomes) {
        CHECK(outcome.ok);
        CHECK(outcome.phases == outcomes[0].phases);
        CHECK(outcome.amplitudes == outcomes[0].amplitudes);
        CHECK(outcome.recorded == outcomes[0].recorded);
        CHECK(outcome.resonance == outcomes[0].resonance);
        weights.insert(weights.end(), outcome.weights.begin(), outcome.weights.end());
    }
    CHECK(agree(outcomes[0].phases, wanted.phases, bound));
    CHECK(agree(outcomes[0].amplitudes, wanted.amplitudes, bound));
    CHECK(agree(outcomes[0].recorded, wanted.recorded, bound));
    CHECK(agree(outcomes[0].resonance, wanted.resonance, bound));
    CHECK(agree(weights, wanted.weights, bound));
}

//! Blocks of steps, one of them cut short, with samples in their midst; held inputs, for which few columns stand; and
//! factored weights.
template <class Real>
void check_all_runs() {
    const double bound = sizeof(Real) == 8 ? 1e-12 : 1e-4;
    Options options = lively(300);
    options.hyperparameters.coupling = 0;
    check_runs<Real>(options, test::random_values<double>(300 * 70, 5, -30, 30), 1, {0, 128, 208, 300}, bound);
    options = lively(528);
    options.hyperparameters.coupling = 0;
    options.hyperparameters.noise_std = 0;
    const std::vector<double> held = test::random_values<double>(528, 5, -1, 1);
    check_runs<Real>(options, held, 80, {0, 176, 528}, bound);
    std::vector<double> smooth;
    for (int t = 0; t < 80; ++t)
        for (const double x : held) smooth.push_back(std::sin(0.02 * t + x));
    check_runs<Real>(options, smooth, 1, {0, 352, 528}, bound);
    options = lively(300);
    options.storage = WeightStorage::factored;
    options.hyperparameters.noise_std = 1e-6;
    const std::vector<double> some(held.begin(), held.begin() + 300);
    check_runs<Real>(options, some, 70, {0, 64, 144, 300}, bound);
}

//! An exchange that fails ends the step, or the run.
void check_failures() {
    const Options options = lively(40);
    for (const std::ptrdiff_t meeting : {1, 2, 3}) {
        Table table({0, 16, 40}, meeting);
        std::vector<Status> ends(2, Status::ok);
        std::vector<std::int64_t> completed(2, -1);
        on_ranks<double>(table, options, [&](Network<double>& network, std::size_t rank) {
            const double input = 0;
            ends[rank] = network.run({&input, 1, false, 10, 0}, 0.01, {}, completed[rank]);
        });
        for (std::size_t rank = 0; rank < 2; ++rank) {
            CHECK(ends[rank] == Status::exchange_failed);
            CHECK(completed[rank] == (meeting - 1) / 2);  // with coupling each step meets twice
        }
    }
    Options blocks = lively(320);
    blocks.hyperparameters.coupling = 0;
    for (const std::ptrdiff_t meeting : {4, 35}) {  // within a block, and at its end
        Table table({0, 160, 320}, meeting);
        std::vector<Status> ends(2, Status::ok);
        on_ranks<float>(table, blocks, [&](Network<float>& network, std::size_t rank) {
            const double input = 0;
            std::int64_t completed = 0;
            ends[rank] = network.run({&input, 1, false, 40, 0}, 0.01, {}, completed);
        });
        for (const Status end : ends) CHECK(end == Status::exchange_failed);
    }
    // In a panel's dot products, a step of it, a compression, the end of a run; in a factored step and compression.
    Options columns = lively(528), factored = lively(320);
    columns.hyperparameters.coupling = columns.hyperparameters.noise_std = 0;
    factored.storage = WeightStorage::factored;
    for (const Options& option : {columns, factored})
        for (std::ptrdiff_t meeting = 1; meeting < 600; meeting += 1 + meeting / 3) {
            Table table({0, 160, option.n_nodes}, meeting);
            std::vector<Status> ends(2, Status::ok);
            on_ranks<float>(table, option, [&](Network<float>& network, std::size_t rank) {
                const double input = 0;
                std::int64_t completed = 0;
                ends[rank] = network.run({&input, 1, false, 1000, 0}, 0.01, {}, completed);
            });
            for (const Status end : ends) CHECK(end == Status::exchange_failed);
        }
}

void check_what_is_refused() {
    Table table({0, 8});
    Seat seat{&table, 0};
    std::unique_ptr<Network<float>> network;
    const Options options = lively(8);
    const auto made = [&](std::ptrdiff_t first, std::ptrdiff_t last, const Exchange& exchange) {
        return Network<float>::create(options, Shard{first, last, exchange}, network);
    };
    CHECK(made(-1, 4, seat.exchange()) == Status::invalid_size);
    CHECK(made(4, 4, seat.exchange()) == Status::invalid_size);
    CHECK(made(4, 9, seat.exchange()) == Status::invalid_size);
    CHECK(made(0, 8, {}) == Status::invalid_value);
    Options sparse = options;
    sparse.storage = WeightStorage::sparse;
    CHECK(Network<float>::create(sparse, Shard{0, 8, seat.exchange()}, network) == Status::invalid_value);
    Exchange none_of_them = seat.exchange();
    none_of_them.rank = 1;
    CHECK(made(0, 8, none_of_them) == Status::invalid_value);
    CHECK(network == nullptr);
    CHECK(made(2, 5, seat.exchange()) == Status::ok);
    CHECK(network->first_row() == 2);
    CHECK(network->row_count() == 3);
    const std::vector<double> row(8, 1);
    CHECK(network->set_weight_rows(1, span<const double>(row)) == Status::invalid_size);
    CHECK(network->set_weight_rows(5, span<const double>(row)) == Status::invalid_size);
    CHECK(network->set_weight_rows(4, span<const double>(row)) == Status::ok);
    CHECK(network->weight_row(4)[7] == 1);
    CHECK(network->set_weight(0, 0, 3) == Status::ok);  // it is another's

    // A snapshot is of some rows, and not of as many others.
    std::vector<std::byte> memory(network->snapshot_size());
    CHECK(network->snapshot(memory) == Status::ok);
    std::unique_ptr<Network<float>> other;
    CHECK(Network<float>::create(options, Shard{5, 8, seat.exchange()}, other) == Status::ok);
    CHECK(other->restore(memory) == Status::foreign_snapshot);
    CHECK(other->assign(*network) == Status::invalid_size);
    CHECK(network->restore(memory) == Status::ok);
}

}  // namespace

int main() {
    test::for_each_isa([](Isa) {
        check_against_one<double>({0, 40});
        check_against_one<double>({0, 32, 48, 101});
        check_against_one<float>({0, 16, 40});
        check_all_runs<float>();
        check_all_runs<double>();
    });
    check_failures();
    check_what_is_refused();
    return test::result();
}
