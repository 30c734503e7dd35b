// The tests of one type of network. test_c_api.c includes this once for each, with TYPE, REAL, BOUND and STORAGE_BYTES
// defined.
#define JOIN_AS(a, b, c) a##b##c
#define JOIN(a, b, c) JOIN_AS(a, b, c)
#define CALL(function) JOIN(resonance_, TYPE, JOIN(_, function, ))  //!< resonance_f64_update
#define CASE(name) JOIN(name, _, TYPE)
#define NETWORK JOIN(resonance_network_, TYPE, )

static NETWORK* CASE(made)(int64_t n) {
    const resonance_options options = resonance_options_default(n);
    NETWORK* net = NULL;
    CHECK(CALL(create)(&options, &net) == RESONANCE_OK);
    if (net == NULL) exit(EXIT_FAILURE);
    return net;
}

static void CASE(load)(NETWORK* net, const Plain* plain) {
    REAL weights[N * N];
    for (int k = 0; k < N * N; ++k) weights[k] = (REAL)plain->weights[k / N][k % N];
    CHECK(CALL(set_hyperparameters)(net, &plain->h) == RESONANCE_OK);
    CHECK(CALL(set_phases)(net, plain->phases, N) == RESONANCE_OK);
    CHECK(CALL(set_frequencies)(net, plain->frequencies, N) == RESONANCE_OK);
    CHECK(CALL(set_amplitudes)(net, plain->amplitudes, N) == RESONANCE_OK);
    CHECK(CALL(set_weight_rows)(net, 0, weights, N) == RESONANCE_OK);
}

static void CASE(compare)(const NETWORK* net, const Plain* plain) {
    const REAL* weights = CALL(weights)(net);
    for (int i = 0; i < N; ++i) {
        CHECK(fabs(remainder(CALL(phases)(net)[i] - plain->phases[i], kTurn)) <= BOUND);
        CHECK(fabs(CALL(amplitudes)(net)[i] - plain->amplitudes[i]) <= BOUND);
        for (int j = 0; j < N; ++j)
            CHECK(fabs(weights[i * CALL(weight_stride)(net) + j] - plain->weights[i][j]) <= BOUND);
    }
}

//! Whether two networks of N nodes have the same state and settings, to the bit.
static bool CASE(same)(const NETWORK* a, const NETWORK* b) {
    resonance_hyperparameters of_a, of_b;
    if (CALL(hyperparameters)(a, &of_a) != RESONANCE_OK || CALL(hyperparameters)(b, &of_b) != RESONANCE_OK)
        return false;
    const size_t doubles = N * sizeof(double), reals = N * sizeof(REAL);
    bool same = memcmp(&of_a, &of_b, sizeof of_a) == 0 && CALL(learning)(a) == CALL(learning)(b) &&
                CALL(tolerance)(a) == CALL(tolerance)(b) && CALL(step_count)(a) == CALL(step_count)(b) &&
                CALL(time)(a) == CALL(time)(b) && CALL(presentation_count)(a) == CALL(presentation_count)(b) &&
                CALL(noise_seed)(a) == CALL(noise_seed)(b) && memcmp(CALL(phases)(a), CALL(phases)(b), doubles) == 0 &&
                memcmp(CALL(frequencies)(a), CALL(frequencies)(b), doubles) == 0 &&
                memcmp(CALL(initial_phases)(a), CALL(initial_phases)(b), doubles) == 0 &&
                memcmp(CALL(amplitudes)(a), CALL(amplitudes)(b), reals) == 0 &&
                memcmp(CALL(amplitude_pins)(a), CALL(amplitude_pins)(b), N) == 0 &&
                memcmp(CALL(phase_pins)(a), CALL(phase_pins)(b), N) == 0 &&
                memcmp(CALL(pinned_amplitudes)(a), CALL(pinned_amplitudes)(b), reals) == 0 &&
                memcmp(CALL(pinned_phases)(a), CALL(pinned_phases)(b), doubles) == 0;
    for (int64_t i = 0; i < N; ++i)
        same = same && memcmp(CALL(weights)(a) + i * CALL(weight_stride)(a),
                              CALL(weights)(b) + i * CALL(weight_stride)(b), reals) == 0;
    return same;
}

// ---------------------------------------------------------------------------------------------------- steps

static void CASE(check_updates)(void) {
    Plain plain = plain_network();
    NETWORK* net = CASE(made)(N);
    CASE(load)(net, &plain);
    CHECK(CALL(n_nodes)(net) == N);

    plain.amplitude_pinned[1] = plain.amplitude_pinned[3] = plain.phase_pinned[3] = true;
    plain.amplitudes[1] = 0.7, plain.amplitudes[3] = -0.4, plain.phases[3] = 1.1;
    CHECK(CALL(pin)(net, 1, 0.7) == RESONANCE_OK);
    CHECK(CALL(pin_with_phase)(net, 3, -0.4, 1.1 + kTurn) == RESONANCE_OK);

    for (int step = 0; step < 40; ++step) {
        const bool learn = step % 4 != 3, uniform = step % 5 == 2;
        double wide[N];
        REAL input[N];
        for (int i = 0; i < N; ++i) {
            input[i] = (REAL)(3 * spread(uniform ? step : 1000 + N * step + i));
            wide[i] = input[i];
        }
        CHECK(CALL(set_learning)(net, learn ? -1 : 0) == RESONANCE_OK);
        CHECK(CALL(learning)(net) == (learn ? 1 : 0));
        CHECK((uniform ? CALL(update_uniform)(net, wide[0], 0.01) : CALL(update)(net, input, N, 0.01)) == RESONANCE_OK);
        plain_step(&plain, wide, 0.01, learn);
    }
    CASE(compare)(net, &plain);
    CHECK(CALL(step_count)(net) == 40 && fabs(CALL(time)(net) - 0.4) < 1e-12);

    REAL outputs[N];
    CHECK(CALL(outputs)(net, outputs, N) == RESONANCE_OK);
    for (int i = 0; i < N; ++i) CHECK(fabs(outputs[i] - plain.amplitudes[i] * cos(plain.phases[i])) <= BOUND);
    CALL(destroy)(net);
}

static void CASE(check_runs)(void) {
    Plain plain = plain_network();
    NETWORK* net = CASE(made)(N);
    CASE(load)(net, &plain);

    double rows[3 * N];
    for (int k = 0; k < 3 * N; ++k) rows[k] = spread(500 + k);
    int64_t completed = -1;
    CHECK(CALL(run)(net, rows, 3, 2, 0.02, NULL, NULL, &completed) == RESONANCE_OK && completed == 6);
    for (int step = 0; step < 6; ++step) plain_step(&plain, rows + step / 2 * N, 0.02, true);
    CASE(compare)(net, &plain);

    const double same_for_all[] = {0.5, -2};
    CHECK(CALL(run_uniform)(net, same_for_all, 2, 3, 0.02, NULL, NULL, NULL) == RESONANCE_OK);
    for (int step = 0; step < 6; ++step) {
        double input[N];
        for (int i = 0; i < N; ++i) input[i] = same_for_all[step / 3];
        plain_step(&plain, input, 0.02, true);
    }
    CASE(compare)(net, &plain);

    int left = 4;
    CHECK(CALL(run)(net, rows, 1, 100, 0.02, stop_when_spent, &left, &completed) == RESONANCE_INTERRUPTED);
    CHECK(completed == 4 && left == 0 && CALL(step_count)(net) == 16);
    left = 5;
    CHECK(CALL(run_uniform)(net, rows, 2, 50, 0.02, stop_when_spent, &left, NULL) == RESONANCE_INTERRUPTED);
    CHECK(left == 0 && CALL(step_count)(net) == 21);
    CALL(destroy)(net);
}

static void CASE(check_entrain)(void) {
    enum { ROWS = 4, SILENT = 7 };  // the offset that is a NaN
    NETWORK* net = CASE(made)(N);
    double start[N], mean[N][N] = {{0}};
    REAL offsets[ROWS * N];
    for (int i = 0; i < N; ++i) start[i] = 3 + 3 * spread(i);
    for (int k = 0; k < ROWS * N; ++k) offsets[k] = k == SILENT ? (REAL)NAN : (REAL)(2 * spread(50 + k));
    CHECK(CALL(set_initial_phases)(net, start, N) == RESONANCE_OK);
    for (int i = 0; i < N; ++i) CHECK(CALL(initial_phases)(net)[i] == start[i]);

    int64_t completed = -1;
    CHECK(CALL(entrain)(net, offsets, ROWS, NULL, NULL, NULL, &completed) == RESONANCE_OK);
    CHECK(completed == ROWS && CALL(presentation_count)(net) == ROWS && CALL(step_count)(net) == 0);
    const REAL* weights = CALL(weights)(net);
    const int64_t stride = CALL(weight_stride)(net);
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j) {
            for (int row = 0; row < ROWS; ++row) {
                const int a = row * N + i, b = row * N + j;
                if (a != SILENT && b != SILENT)
                    mean[i][j] += cos(start[i] + offsets[a] - start[j] - offsets[b]) / (double)ROWS;
            }
            CHECK(fabs(weights[i * stride + j] - mean[i][j]) <= BOUND);
        }

    const double fading_factor = 0.25;
    CHECK(CALL(entrain)(net, offsets, 1, &fading_factor, NULL, NULL, NULL) == RESONANCE_OK);
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j) {
            const double shown = cos(start[i] + offsets[i] - start[j] - offsets[j]);
            CHECK(fabs(weights[i * stride + j] - (0.25 * mean[i][j] + 0.75 * shown)) <= BOUND);
        }

    // Rows are shown in blocks, and between two of them is the question.
    enum { MANY = 1000 };
    static REAL many[MANY * N];
    int left = 2;
    const int32_t status = CALL(entrain)(net, many, MANY, NULL, stop_when_spent, &left, &completed);
    CHECK(status == RESONANCE_INTERRUPTED && left == 0 && completed > 0 && completed < MANY);
    CHECK(CALL(presentation_count)(net) == ROWS + 1 + completed);
    CALL(destroy)(net);
}

// ---------------------------------------------------------------------------------------------------- state

static void CASE(check_writing)(void) {
    NETWORK* net = CASE(made)(N);
    CHECK(CALL(amplitudes)(net)[4] == 1 && CALL(phases)(net)[4] == 0 && CALL(weights)(net)[4] == 0);
    CHECK(CALL(set_phase)(net, 2, -1) == RESONANCE_OK && fabs(CALL(phases)(net)[2] - (kTurn - 1)) < 1e-15);
    CHECK(CALL(set_weight)(net, 3, 1, (REAL)0.75) == RESONANCE_OK);
    CHECK(CALL(weights)(net)[3 * CALL(weight_stride)(net) + 1] == (REAL)0.75);
    REAL rows[2 * N];
    for (int k = 0; k < 2 * N; ++k) rows[k] = (REAL)k;
    CHECK(CALL(set_weight_rows)(net, 2, rows, 2) == RESONANCE_OK);
    for (int k = 0; k < 2 * N; ++k)
        CHECK(CALL(weights)(net)[(2 + k / N) * CALL(weight_stride)(net) + k % N] == (REAL)k);
    CHECK(CALL(weights)(net)[4 * CALL(weight_stride)(net)] == 0);
    const double values[N] = {0.5, 1, 1.5, 2, 2.5};
    CHECK(CALL(set_frequencies)(net, values, N) == RESONANCE_OK);
    CHECK(CALL(set_amplitudes)(net, values, N) == RESONANCE_OK);
    for (int i = 0; i < N; ++i)
        CHECK(CALL(frequencies)(net)[i] == values[i] && CALL(amplitudes)(net)[i] == (REAL)values[i]);
    CHECK(CALL(set_clock)(net, INT64_MAX / 2 + 1, 0) == RESONANCE_OK);
    CHECK(CALL(set_clock)(net, 12, 3.5) == RESONANCE_OK);
    CHECK(CALL(step_count)(net) == 12 && CALL(time)(net) == 3.5);
    CHECK(CALL(set_presentation_count)(net, 9) == RESONANCE_OK && CALL(presentation_count)(net) == 9);
    CHECK(CALL(noise_seed)(net) == 0);
    CHECK(CALL(set_noise_seed)(net, UINT64_MAX) == RESONANCE_OK && CALL(noise_seed)(net) == UINT64_MAX);
    CALL(destroy)(net);
}

static void CASE(check_pins)(void) {
    NETWORK* net = CASE(made)(N);
    const int64_t nodes[] = {4, 0}, last[] = {4};
    const double amplitudes[] = {0.5, 0.25}, phases[] = {1, 2};
    CHECK(CALL(pin_nodes)(net, nodes, amplitudes, NULL, 2) == RESONANCE_OK);
    CHECK(CALL(pin_nodes)(net, nodes, amplitudes, phases, 1) == RESONANCE_OK);
    CHECK(CALL(update_uniform)(net, 0.5, 0.01) == RESONANCE_OK);
    CHECK(CALL(amplitudes)(net)[4] == (REAL)0.5 && CALL(amplitudes)(net)[0] == (REAL)0.25);
    CHECK(CALL(phases)(net)[4] == 1 && CALL(phases)(net)[0] > 0);
    const unsigned char amplitude_pins[N] = {1, 0, 0, 0, 1}, phase_pins[N] = {0, 0, 0, 0, 1};
    CHECK(memcmp(CALL(amplitude_pins)(net), amplitude_pins, N) == 0);
    CHECK(memcmp(CALL(phase_pins)(net), phase_pins, N) == 0);
    CHECK(CALL(pinned_amplitudes)(net)[0] == (REAL)0.25 && CALL(pinned_phases)(net)[4] == 1);

    CHECK(CALL(unpin_nodes)(net, last, 1) == RESONANCE_OK && CALL(amplitude_pins)(net)[4] == 0);
    CHECK(CALL(phase_pins)(net)[4] == 0 && CALL(amplitude_pins)(net)[0] == 1);
    CHECK(CALL(unpin)(net, 0) == RESONANCE_OK && CALL(amplitude_pins)(net)[0] == 0);
    CHECK(CALL(update_uniform)(net, 0.5, 0.01) == RESONANCE_OK && CALL(phases)(net)[4] > 1);
    CALL(destroy)(net);
}

static void CASE(check_settings)(void) {
    NETWORK* net = CASE(made)(N);
    const resonance_hyperparameters wanted = {0.02, 0.5, 3, 0.25, 0.75, -0.5, 0, 0.125};
    resonance_hyperparameters present = {0};
    CHECK(CALL(set_hyperparameters)(net, &wanted) == RESONANCE_OK);
    CHECK(CALL(hyperparameters)(net, &present) == RESONANCE_OK);
    CHECK(memcmp(&present, &wanted, sizeof wanted) == 0);
    CHECK(CALL(tolerance)(net) == (sizeof(REAL) == sizeof(double) ? 1e-12 : 1e-6));
    CHECK(CALL(set_tolerance)(net, 1e-3) == RESONANCE_OK && CALL(tolerance)(net) == 1e-3);
    CHECK(CALL(threads)(net) == 1);
    CHECK(CALL(set_threads)(net, 0) == RESONANCE_OK && CALL(threads)(net) == 1);  // a small network
    CALL(destroy)(net);
}

static void CASE(check_snapshots)(void) {
    const Plain plain = plain_network();
    NETWORK *net = CASE(made)(N), *other = CASE(made)(N), *larger = CASE(made)(N + 1);
    CASE(load)(net, &plain);
    CHECK(CALL(set_learning)(net, 0) == RESONANCE_OK && CALL(pin)(net, 1, 0.5) == RESONANCE_OK);
    CHECK(CALL(update_uniform)(net, 1, 0.01) == RESONANCE_OK);

    const size_t bytes = CALL(snapshot_size)(net);
    unsigned char* memory = malloc(bytes);
    CHECK(bytes > 0 && CALL(snapshot)(net, memory, bytes) == RESONANCE_OK);
    CHECK(CALL(restore)(other, memory, bytes) == RESONANCE_OK);
    CHECK(CALL(learning)(other) == 0 && CALL(step_count)(other) == 1 && CASE(same)(net, other));
    for (int step = 0; step < 10; ++step) {
        CHECK(CALL(update_uniform)(net, 2, 0.01) == RESONANCE_OK);
        CHECK(CALL(update_uniform)(other, 2, 0.01) == RESONANCE_OK);
    }
    CHECK(CASE(same)(net, other));
    CHECK(CALL(restore)(net, memory, bytes) == RESONANCE_OK && !CASE(same)(net, other));
    CHECK(CALL(assign)(other, net) == RESONANCE_OK && CASE(same)(net, other));

    CHECK(CALL(assign)(larger, net) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(restore)(larger, memory, bytes) == RESONANCE_FOREIGN_SNAPSHOT);
    CHECK(CALL(restore)(net, memory, bytes - 1) == RESONANCE_FOREIGN_SNAPSHOT);
    CHECK(CALL(snapshot)(net, memory, bytes - 1) == RESONANCE_INVALID_SIZE);
    CHECK(CASE(same)(net, other));
    free(memory);
    CALL(destroy)(net);
    CALL(destroy)(other);
    CALL(destroy)(larger);
}

static void CASE(check_storage)(void) {
    static unsigned char storage[STORAGE_BYTES(N) + 3];
    memset(storage, 0xA5, sizeof storage);
    const resonance_options options = resonance_options_default(N);
    const size_t bytes = CALL(storage_size)(&options);
    CHECK(bytes > 0 && bytes <= STORAGE_BYTES(N));
    NETWORK *net = NULL, *on_heap = CASE(made)(N);
    CHECK(CALL(create_in)(&options, storage + 1, bytes - 1, &net) == RESONANCE_INVALID_SIZE && net == NULL);
    CHECK(CALL(create_in)(&options, storage + 1, bytes, &net) == RESONANCE_OK && net != NULL);
    const Plain plain = plain_network();
    CASE(load)(net, &plain);
    CASE(load)(on_heap, &plain);
    CHECK(CASE(same)(net, on_heap));
    int64_t completed = 0;
    CHECK(CALL(run)(net, plain.phases, 1, 50, 0.01, NULL, NULL, &completed) == RESONANCE_OK && completed == 50);
    CHECK(CALL(run)(on_heap, plain.phases, 1, 50, 0.01, NULL, NULL, NULL) == RESONANCE_OK);
    CHECK(CASE(same)(net, on_heap));
    CHECK(storage[0] == 0xA5 && storage[bytes + 1] == 0xA5);
    CALL(destroy_in)(net);
    CALL(destroy)(on_heap);

    for (int64_t n = 1; n < 100000; n += 1 + n / 7) {
        const resonance_options sized = resonance_options_default(n);
        CHECK(CALL(storage_size)(&sized) <= STORAGE_BYTES(n));
    }
}

// ---------------------------------------------------------------------------------------------------- errors

static void CASE(check_create_errors)(void) {
    NETWORK* net = NULL;
    resonance_options options = resonance_options_default(0);
    unsigned char storage[STORAGE_BYTES(1)];
    CHECK(CALL(create)(&options, &net) == RESONANCE_INVALID_SIZE && CALL(storage_size)(&options) == 0);
    CHECK(CALL(create_in)(&options, storage, sizeof storage, &net) == RESONANCE_INVALID_SIZE);
    options.n_nodes = INT64_MIN;
    CHECK(CALL(create)(&options, &net) == RESONANCE_INVALID_SIZE);
    options.n_nodes = INT64_MAX;
    CHECK(CALL(create)(&options, &net) == RESONANCE_OUT_OF_MEMORY);
    options = resonance_options_default(1);
    options.threads = -1;
    CHECK(CALL(create)(&options, &net) == RESONANCE_INVALID_VALUE);
    options = resonance_options_default(1);
    options.hyperparameters.decay = 1.5;
    CHECK(CALL(create)(&options, &net) == RESONANCE_INVALID_VALUE);
    CHECK(CALL(create_in)(&options, storage, sizeof storage, &net) == RESONANCE_INVALID_VALUE && net == NULL);

    options = resonance_options_default(1);
    CHECK(CALL(create)(NULL, &net) == RESONANCE_INVALID_ARGUMENT);
    CHECK(CALL(create)(&options, NULL) == RESONANCE_INVALID_ARGUMENT);
    CHECK(CALL(create_in)(NULL, storage, sizeof storage, &net) == RESONANCE_INVALID_ARGUMENT);
    CHECK(CALL(create_in)(&options, NULL, sizeof storage, &net) == RESONANCE_INVALID_ARGUMENT);
    CHECK(CALL(create_in)(&options, storage, sizeof storage, NULL) == RESONANCE_INVALID_ARGUMENT);
    CHECK(CALL(storage_size)(NULL) == 0);
    CALL(destroy)(NULL);
    CALL(destroy_in)(NULL);
}

//! A call that is refused leaves the network as it was, to the bit, and so the step after it.
static void CASE(check_refusals)(void) {
    const Plain plain = plain_network();
    NETWORK *net = CASE(made)(N), *before = CASE(made)(N);
    CASE(load)(net, &plain);
    CHECK(CALL(update_uniform)(net, 1, 0.01) == RESONANCE_OK && CALL(assign)(before, net) == RESONANCE_OK);

    const double infinite = HUGE_VAL;
    double values[N] = {1, 2, 3, 4, infinite};
    REAL reals[N] = {1, 2, 3, 4, (REAL)HUGE_VAL}, finite[N] = {0};
    const int64_t nodes[] = {0, N};
    int64_t completed = 7;
    CHECK(CALL(update)(net, reals, N, 0.01) == RESONANCE_NON_FINITE);
    CHECK(CALL(update)(net, finite, N - 1, 0.01) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(update)(net, finite, -1, 0.01) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(update)(net, finite, N, 0) == RESONANCE_INVALID_TIME_STEP);
    CHECK(CALL(update_uniform)(net, 1, (double)NAN) == RESONANCE_INVALID_TIME_STEP);
    CHECK(CALL(update_uniform)(net, infinite, 0.01) == RESONANCE_NON_FINITE);
    CHECK(CALL(run)(net, values, 1, 1, 0.01, NULL, NULL, &completed) == RESONANCE_NON_FINITE && completed == 0);
    CHECK(CALL(run)(net, values, -1, 1, 0.01, NULL, NULL, NULL) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(run)(net, values, INT64_MAX / 2, 1, 0.01, NULL, NULL, NULL) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(run_uniform)(net, values, 2, INT64_MAX, 0.01, NULL, NULL, NULL) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(run_uniform)(net, values, 1, -1, 0.01, NULL, NULL, NULL) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(run_uniform)(net, values, 1, 1, -1, NULL, NULL, NULL) == RESONANCE_INVALID_TIME_STEP);
    CHECK(CALL(run_uniform)(net, values, 1, 1, 1e308, NULL, NULL, NULL) == RESONANCE_PHASE_OVERFLOW);
    CHECK(CALL(entrain)(net, reals, 1, NULL, NULL, NULL, &completed) == RESONANCE_NON_FINITE && completed == 0);
    CHECK(CALL(entrain)(net, finite, -1, NULL, NULL, NULL, NULL) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(entrain)(net, finite, 1, &infinite, NULL, NULL, NULL) == RESONANCE_INVALID_VALUE);
    CHECK(CALL(outputs)(net, finite, N + 1) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(outputs)(net, finite, -N) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(set_phase)(net, N, 1) == RESONANCE_INVALID_NODE);
    CHECK(CALL(set_phase)(net, -1, 1) == RESONANCE_INVALID_NODE);
    CHECK(CALL(set_phase)(net, 0, infinite) == RESONANCE_NON_FINITE);
    CHECK(CALL(set_weight)(net, INT64_MAX, 0, 1) == RESONANCE_INVALID_NODE);
    CHECK(CALL(set_weight)(net, 0, N, 1) == RESONANCE_INVALID_NODE);
    CHECK(CALL(set_weight)(net, 0, 0, reals[4]) == RESONANCE_NON_FINITE);
    CHECK(CALL(set_phases)(net, values, N) == RESONANCE_NON_FINITE);
    CHECK(CALL(set_phases)(net, values, N - 1) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(set_phases)(net, values, -N) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(set_frequencies)(net, values, N) == RESONANCE_NON_FINITE);
    CHECK(CALL(set_initial_phases)(net, values, N) == RESONANCE_NON_FINITE);
    CHECK(CALL(set_amplitudes)(net, values, N) == RESONANCE_NON_FINITE);
    CHECK(CALL(set_weight_rows)(net, N, finite, 1) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(set_weight_rows)(net, -1, finite, 1) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(set_weight_rows)(net, 0, finite, -1) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(set_weight_rows)(net, 0, reals, 1) == RESONANCE_NON_FINITE);
    CHECK(CALL(set_clock)(net, -1, 0) == RESONANCE_INVALID_VALUE);
    CHECK(CALL(set_clock)(net, INT64_MAX / 2 + 2, 0) == RESONANCE_INVALID_VALUE);  // beyond 2^62
    CHECK(CALL(set_presentation_count)(net, INT64_MAX / 2 + 2) == RESONANCE_INVALID_VALUE);
    CHECK(CALL(set_clock)(net, 0, infinite) == RESONANCE_INVALID_VALUE);
    CHECK(CALL(set_presentation_count)(net, -1) == RESONANCE_INVALID_VALUE);
    CHECK(CALL(pin)(net, N, 1) == RESONANCE_INVALID_NODE);
    CHECK(CALL(pin)(net, 0, infinite) == RESONANCE_NON_FINITE);
    CHECK(CALL(pin_with_phase)(net, 0, 1, infinite) == RESONANCE_NON_FINITE);
    CHECK(CALL(pin_nodes)(net, nodes, values, values, 2) == RESONANCE_INVALID_NODE);
    CHECK(CALL(pin_nodes)(net, nodes, values, NULL, -1) == RESONANCE_INVALID_SIZE);
    CHECK(CALL(unpin)(net, -1) == RESONANCE_INVALID_NODE);
    CHECK(CALL(unpin_nodes)(net, nodes, 2) == RESONANCE_INVALID_NODE);
    CHECK(CALL(unpin_nodes)(net, nodes, -1) == RESONANCE_INVALID_SIZE);
    resonance_hyperparameters h = plain.h;
    h.amplitude_floor = -1;
    CHECK(CALL(set_hyperparameters)(net, &h) == RESONANCE_INVALID_VALUE);
    CHECK(CALL(set_tolerance)(net, 0) == RESONANCE_INVALID_VALUE);
    CHECK(CALL(set_threads)(net, -1) == RESONANCE_INVALID_VALUE);
    CHECK(CASE(same)(net, before));
    CHECK(CALL(update_uniform)(net, 1, 0.01) == RESONANCE_OK);
    CHECK(CALL(update_uniform)(before, 1, 0.01) == RESONANCE_OK && CASE(same)(net, before));
    CALL(destroy)(net);
    CALL(destroy)(before);
}

static void CASE(check_no_network)(void) {
    NETWORK *none = NULL, *net = CASE(made)(1);
    double value = 0;
    REAL real = 0;
    int64_t node = 0, completed = 7;
    unsigned char byte = 0;
    resonance_hyperparameters h = resonance_options_default(1).hyperparameters;
    const int32_t refused[] = {
        CALL(assign)(none, net),
        CALL(update)(none, &real, 1, 0.1),
        CALL(update_uniform)(none, 0, 0.1),
        CALL(run)(none, &value, 1, 1, 0.1, NULL, NULL, &completed),
        CALL(run_uniform)(none, &value, 1, 1, 0.1, NULL, NULL, NULL),
        CALL(set_learning)(none, 1),
        CALL(entrain)(none, &real, 1, NULL, NULL, NULL, NULL),
        CALL(outputs)(none, &real, 1),
        CALL(set_phase)(none, 0, 0),
        CALL(set_weight)(none, 0, 0, 0),
        CALL(set_phases)(none, &value, 1),
        CALL(set_frequencies)(none, &value, 1),
        CALL(set_initial_phases)(none, &value, 1),
        CALL(set_amplitudes)(none, &value, 1),
        CALL(set_weight_rows)(none, 0, &real, 1),
        CALL(set_clock)(none, 0, 0),
        CALL(set_presentation_count)(none, 0),
        CALL(set_noise_seed)(none, 0),
        CALL(pin)(none, 0, 0),
        CALL(pin_with_phase)(none, 0, 0, 0),
        CALL(pin_nodes)(none, &node, &value, &value, 1),
        CALL(unpin)(none, 0),
        CALL(unpin_nodes)(none, &node, 1),
        CALL(hyperparameters)(none, &h),
        CALL(set_hyperparameters)(none, &h),
        CALL(set_tolerance)(none, 1),
        CALL(set_threads)(none, 1),
        CALL(snapshot)(none, &byte, 1),
        CALL(restore)(none, &byte, 1),
        // and networks without an array
        CALL(assign)(net, NULL),
        CALL(update)(net, NULL, 1, 0.1),
        CALL(run)(net, NULL, 1, 1, 0.1, NULL, NULL, NULL),
        CALL(run_uniform)(net, NULL, 1, 1, 0.1, NULL, NULL, NULL),
        CALL(entrain)(net, NULL, 1, NULL, NULL, NULL, NULL),
        CALL(outputs)(net, NULL, 1),
        CALL(set_phases)(net, NULL, 1),
        CALL(set_frequencies)(net, NULL, 1),
        CALL(set_initial_phases)(net, NULL, 1),
        CALL(set_amplitudes)(net, NULL, 1),
        CALL(set_weight_rows)(net, 0, NULL, 1),
        CALL(pin_nodes)(net, NULL, &value, NULL, 1),
        CALL(pin_nodes)(net, &node, NULL, NULL, 1),
        CALL(unpin_nodes)(net, NULL, 1),
        CALL(hyperparameters)(net, NULL),
        CALL(set_hyperparameters)(net, NULL),
        CALL(snapshot)(net, NULL, 1),
        CALL(restore)(net, NULL, 1),
    };
    for (size_t k = 0; k < sizeof refused / sizeof refused[0]; ++k) CHECK(refused[k] == RESONANCE_INVALID_ARGUMENT);
    CHECK(completed == 0);
    CHECK(CALL(n_nodes)(none) == 0 && CALL(step_count)(none) == 0 && CALL(presentation_count)(none) == 0);
    CHECK(CALL(noise_seed)(none) == 0);
    CHECK(CALL(time)(none) == 0 && CALL(learning)(none) == 0 && CALL(weight_stride)(none) == 0);
    CHECK(CALL(tolerance)(none) == 0 && CALL(threads)(none) == 0 && CALL(snapshot_size)(none) == 0);
    CHECK(CALL(phases)(none) == NULL && CALL(frequencies)(none) == NULL && CALL(initial_phases)(none) == NULL);
    CHECK(CALL(amplitudes)(none) == NULL && CALL(weights)(none) == NULL);
    CHECK(CALL(amplitude_pins)(none) == NULL && CALL(phase_pins)(none) == NULL);
    CHECK(CALL(pinned_amplitudes)(none) == NULL && CALL(pinned_phases)(none) == NULL);
    CALL(destroy)(net);
}

static void CASE(check_all)(void) {
    CASE(check_updates)();
    CASE(check_runs)();
    CASE(check_entrain)();
    CASE(check_writing)();
    CASE(check_pins)();
    CASE(check_settings)();
    CASE(check_snapshots)();
    CASE(check_storage)();
    CASE(check_create_errors)();
    CASE(check_refusals)();
    CASE(check_no_network)();
}

#undef JOIN_AS
#undef JOIN
#undef CALL
#undef CASE
#undef NETWORK
