//! The Resonance Network in C11, and so for every language that calls C. The model stands in network.hpp.
//!
//! Each function of a network stands twice, with weights and amplitudes of type double (f64) and float (f32). Phases
//! [rad], frequencies [Hz] and times [s] are double in both.
//!
//! - A call that can fail returns an int32_t, one of enum resonance_status. One that does not return RESONANCE_OK,
//!   RESONANCE_INTERRUPTED or RESONANCE_DIVERGED leaves the network as it was.
//! - A pointer that is NULL where no comment allows it gives RESONANCE_INVALID_ARGUMENT. Calls that return a value or a
//!   view give 0 or NULL for a network that is NULL. Any other pointer must be valid for the length that comes with it.
//! - Lengths, nodes, rows and steps are int64_t, sizes in bytes are size_t. Arrays are contiguous and of any alignment
//!   that their type allows; the caller owns them, and the library keeps none after a call.
//! - Nothing throws. One network serves one thread at a time.
//! - Functions marked RESONANCE_NONBLOCKING may stand in a control loop: on one thread they take no memory and no lock
//!   and make no system call.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "resonance/export.hpp"

#ifdef __cplusplus
#include "resonance/nonblocking.hpp"
extern "C" {
#else
#define RESONANCE_NONBLOCKING  // its attribute is one of C++
#endif

// -------------------------------------------------------------------------------------------------- the library

//! Counts the incompatible versions of this header.
#define RESONANCE_ABI_VERSION 1

//! What calls return, as int32_t.
enum resonance_status {
    RESONANCE_OK = 0,
    RESONANCE_INVALID_SIZE = 1,        //!< an array is not of the length that the network needs
    RESONANCE_INVALID_VALUE = 2,       //!< a number is outside its range
    RESONANCE_INVALID_TIME_STEP = 3,   //!< a time step that is not finite or not above 0
    RESONANCE_NON_FINITE = 4,          //!< an array holds a NaN, an infinity, or a value that its type can't hold
    RESONANCE_PHASE_OVERFLOW = 5,      //!< input, coupling and time step would drive a phase beyond the range of double
    RESONANCE_DIVERGED = 6,            //!< weights, or what they drive, have grown beyond the range of their type
    RESONANCE_INTERRUPTED = 7,         //!< the caller asked a run to stop; it stopped after a completed step
    RESONANCE_OUT_OF_MEMORY = 8,       //!< an allocation failed
    RESONANCE_UNAVAILABLE = 9,         //!< this machine or build lacks what was asked for
    RESONANCE_INVALID_NODE = 10,       //!< a node's index is below 0 or not below the number of nodes
    RESONANCE_FOREIGN_SNAPSHOT = 11,   //!< not the snapshot of a network of this size, type and version
    RESONANCE_OVERFLOW = 12,           //!< a result is beyond the range of its type
    RESONANCE_RANK_EXCEEDED = 13,      //!< of factored weights, which this interface doesn't have yet
    RESONANCE_INVALID_ARGUMENT = 100,  //!< a pointer is NULL
    RESONANCE_ABI_MISMATCH = 101       //!< the program was compiled with the header of another version
};

//! One short English clause for a status, in static storage.
RESONANCE_API const char* resonance_status_string(int32_t status) RESONANCE_NONBLOCKING;

//! The version of the library, such as "0.1.0", in static storage.
RESONANCE_API const char* resonance_version(void) RESONANCE_NONBLOCKING;

//! The RESONANCE_ABI_VERSION that the library was compiled with.
RESONANCE_API int32_t resonance_abi_version(void) RESONANCE_NONBLOCKING;

//! To be called before all else, as resonance_check_abi(RESONANCE_ABI_VERSION, sizeof(resonance_options)).
//! RESONANCE_ABI_MISMATCH where the program's header is not the library's.
RESONANCE_API int32_t resonance_check_abi(int32_t abi_version, size_t options_size) RESONANCE_NONBLOCKING;

//! The instruction set in use, "baseline", "avx2", "avx512" or "neon", in static storage.
RESONANCE_API const char* resonance_isa(void);

// -------------------------------------------------------------------------------------------------- settings

//! The numbers of the model.
typedef struct resonance_hyperparameters {
    double learning_rate;    //!< eta [1], finite
    double decay;            //!< [1], in [0, 1]
    double gain;             //!< [1], finite
    double coupling;         //!< kappa [rad/s], finite
    double phase_lag;        //!< alpha [rad], finite
    double learning_lag;     //!< beta [rad], finite
    double noise_std;        //!< [rad/sqrt(s)], finite, at least 0
    double amplitude_floor;  //!< [1], in [0, 1]; 0 means none
} resonance_hyperparameters;

//! What a network is made of. Begin with resonance_options_default().
typedef struct resonance_options {
    int64_t n_nodes;  //!< n, at least 1
    resonance_hyperparameters hyperparameters;
    int32_t threads;  //!< that share the rows of weights: 1 for control loops; 0: as many as pay at this size
} resonance_options;

//! The published network of n nodes, on one thread.
RESONANCE_API resonance_options resonance_options_default(int64_t n_nodes) RESONANCE_NONBLOCKING;

//! Writes learning rate and decay for a memory of `time_constant` [s] at the time step `dt` [s]: an old connection
//! fades by a factor e in that time, and the weights of two nodes that stay in phase with amplitude 1 settle at
//! `strength` [1]. RESONANCE_INVALID_VALUE, and nothing written, where there are no such numbers.
RESONANCE_API int32_t resonance_learning_rates(double time_constant, double dt, double strength, double* learning_rate,
                                               double* decay) RESONANCE_NONBLOCKING;

// -------------------------------------------------------------------------------------------------- networks

//! A network with weights and amplitudes of type double, or float. Only pointers to them exist for the caller.
typedef struct resonance_network_f64 resonance_network_f64;
typedef struct resonance_network_f32 resonance_network_f32;

//! Asked after each completed step of a run, and between blocks of rows that entrain() shows, whether to stop there:
//! any number but 0 stops. It must not throw, nor change the network.
typedef int32_t (*resonance_interrupt)(void* context);

//! Bytes that suffice for a network of n nodes, a constant expression for static buffers. A little more than
//! resonance_f64_storage_size() says.
#define RESONANCE_F64_STORAGE_BYTES(n) (((size_t)(n) * sizeof(double) + 320) * (size_t)(n) + 4096)
#define RESONANCE_F32_STORAGE_BYTES(n) (((size_t)(n) * sizeof(float) + 320) * (size_t)(n) + 4096)

//! Bytes that create_in() asks for; 0 for a size that can't be, and for options that are NULL.
RESONANCE_API size_t resonance_f64_storage_size(const resonance_options* options) RESONANCE_NONBLOCKING;
RESONANCE_API size_t resonance_f32_storage_size(const resonance_options* options) RESONANCE_NONBLOCKING;

//! A network on the heap: phases, frequencies and weights 0, amplitudes 1. The caller owns it and ends it by destroy().
//! `network` gets NULL where it fails: RESONANCE_INVALID_SIZE for less than one node, RESONANCE_INVALID_VALUE for
//! hyperparameters or threads out of range, RESONANCE_OUT_OF_MEMORY where n x n does not fit.
RESONANCE_API int32_t resonance_f64_create(const resonance_options* options, resonance_network_f64** network);
RESONANCE_API int32_t resonance_f32_create(const resonance_options* options, resonance_network_f32** network);

//! Ends a network made by create(). NULL is allowed.
RESONANCE_API void resonance_f64_destroy(resonance_network_f64* network);
RESONANCE_API void resonance_f32_destroy(resonance_network_f32* network);

//! The same network in memory of the caller's, of any alignment, which must outlive it: RESONANCE_INVALID_SIZE where
//! `bytes` is less than storage_size(). It takes nothing from the heap before the first run() or entrain().
RESONANCE_API int32_t resonance_f64_create_in(const resonance_options* options, void* storage, size_t bytes,
                                              resonance_network_f64** network);
RESONANCE_API int32_t resonance_f32_create_in(const resonance_options* options, void* storage, size_t bytes,
                                              resonance_network_f32** network);

//! Ends a network made by create_in(): gives back what run() and entrain() took. Needed only where one of them was
//! called. The storage is the caller's again. NULL is allowed.
RESONANCE_API void resonance_f64_destroy_in(resonance_network_f64* network);
RESONANCE_API void resonance_f32_destroy_in(resonance_network_f32* network);

//! Takes over everything of `other`, a network of the same size: state, pins and settings.
RESONANCE_API int32_t resonance_f64_assign(resonance_network_f64* network, const resonance_network_f64* other);
RESONANCE_API int32_t resonance_f32_assign(resonance_network_f32* network, const resonance_network_f32* other);

// -------------------------------------------------------------------------------------------------- steps

//! One step of `dt` [s] with `count` = n values of input [rad/s]. RESONANCE_NON_FINITE where one is a NaN or infinite.
RESONANCE_API int32_t resonance_f64_update(resonance_network_f64* network, const double* input, int64_t count,
                                           double dt) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_update(resonance_network_f32* network, const float* input, int64_t count,
                                           double dt) RESONANCE_NONBLOCKING;

//! One step with the same input [rad/s] at every node.
RESONANCE_API int32_t resonance_f64_update_uniform(resonance_network_f64* network, double input,
                                                   double dt) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_update_uniform(resonance_network_f32* network, double input,
                                                   double dt) RESONANCE_NONBLOCKING;

//! rows * hold steps of `dt` [s]: each row of `inputs` (rows, n) [rad/s] is held for `hold` steps. `requested` may be
//! NULL, and gets `context`. `completed`, which may be NULL, gets the number of steps done, also when the run was
//! interrupted. For simulations: it takes memory for blocks of steps.
RESONANCE_API int32_t resonance_f64_run(resonance_network_f64* network, const double* inputs, int64_t rows,
                                        int64_t hold, double dt, resonance_interrupt requested, void* context,
                                        int64_t* completed);
RESONANCE_API int32_t resonance_f32_run(resonance_network_f32* network, const double* inputs, int64_t rows,
                                        int64_t hold, double dt, resonance_interrupt requested, void* context,
                                        int64_t* completed);

//! The same with one input [rad/s] for every node in each row: `inputs` is (rows,).
RESONANCE_API int32_t resonance_f64_run_uniform(resonance_network_f64* network, const double* inputs, int64_t rows,
                                                int64_t hold, double dt, resonance_interrupt requested, void* context,
                                                int64_t* completed);
RESONANCE_API int32_t resonance_f32_run_uniform(resonance_network_f32* network, const double* inputs, int64_t rows,
                                                int64_t hold, double dt, resonance_interrupt requested, void* context,
                                                int64_t* completed);

//! Whether weights change in the steps that follow: 0 means no. At first they do.
RESONANCE_API int32_t resonance_f64_set_learning(resonance_network_f64* network,
                                                 int32_t learning) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_learning(resonance_network_f32* network,
                                                 int32_t learning) RESONANCE_NONBLOCKING;

//! 1 where weights change in a step, else 0.
RESONANCE_API int32_t resonance_f64_learning(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_learning(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! Learns from rows of phase offsets (rows, n) [rad] without a step, each row one presentation from the initial phases;
//! a NaN is a silent node. `fading_factor`, in [0, 1], weighs what was there before; NULL takes the mean of all
//! presentations. `requested`, `context` and `completed` (in rows) as in run(). RESONANCE_NON_FINITE where an offset is
//! infinite.
RESONANCE_API int32_t resonance_f64_entrain(resonance_network_f64* network, const double* offsets, int64_t rows,
                                            const double* fading_factor, resonance_interrupt requested, void* context,
                                            int64_t* completed);
RESONANCE_API int32_t resonance_f32_entrain(resonance_network_f32* network, const float* offsets, int64_t rows,
                                            const double* fading_factor, resonance_interrupt requested, void* context,
                                            int64_t* completed);

// -------------------------------------------------------------------------------------------------- reading

//! n.
RESONANCE_API int64_t resonance_f64_n_nodes(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API int64_t resonance_f32_n_nodes(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! Steps done.
RESONANCE_API int64_t resonance_f64_step_count(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API int64_t resonance_f32_step_count(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! Sum of all time steps [s].
RESONANCE_API double resonance_f64_time(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API double resonance_f32_time(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! Which noise: that of node i in the step after step_count() steps follows from (noise_seed, step_count, i) alone.
RESONANCE_API uint64_t resonance_f64_noise_seed(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API uint64_t resonance_f32_noise_seed(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! Rows shown by entrain().
RESONANCE_API int64_t resonance_f64_presentation_count(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API int64_t resonance_f32_presentation_count(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

// Views of the network's own memory: current after every call, valid as long as the network is, not to be freed.

//! (n,) [rad], in [0, 2 pi).
RESONANCE_API const double* resonance_f64_phases(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API const double* resonance_f32_phases(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! (n,) [Hz].
RESONANCE_API const double* resonance_f64_frequencies(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API const double* resonance_f32_frequencies(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! (n,) [rad], in [0, 2 pi): where presentations start.
RESONANCE_API const double* resonance_f64_initial_phases(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API const double* resonance_f32_initial_phases(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! (n,) [1].
RESONANCE_API const double* resonance_f64_amplitudes(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API const float* resonance_f32_amplitudes(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! (n, n) [1]: W[i, j], which acts on i from j, stands at weights[i * weight_stride + j].
RESONANCE_API const double* resonance_f64_weights(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API const float* resonance_f32_weights(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! Elements between two rows of weights.
RESONANCE_API int64_t resonance_f64_weight_stride(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API int64_t resonance_f32_weight_stride(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! (n,): 1 where the amplitude is pinned.
RESONANCE_API const unsigned char* resonance_f64_amplitude_pins(const resonance_network_f64* network)
    RESONANCE_NONBLOCKING;
RESONANCE_API const unsigned char* resonance_f32_amplitude_pins(const resonance_network_f32* network)
    RESONANCE_NONBLOCKING;

//! (n,): 1 where the phase is pinned.
RESONANCE_API const unsigned char* resonance_f64_phase_pins(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API const unsigned char* resonance_f32_phase_pins(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! (n,) [1], meaningful where pinned.
RESONANCE_API const double* resonance_f64_pinned_amplitudes(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API const float* resonance_f32_pinned_amplitudes(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! (n,) [rad], meaningful where pinned.
RESONANCE_API const double* resonance_f64_pinned_phases(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API const double* resonance_f32_pinned_phases(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! Writes the `count` = n values a_i cos(phi_i) [1], from cosines that the last step has taken.
RESONANCE_API int32_t resonance_f64_outputs(const resonance_network_f64* network, double* values,
                                            int64_t count) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_outputs(const resonance_network_f32* network, float* values,
                                            int64_t count) RESONANCE_NONBLOCKING;

// -------------------------------------------------------------------------------------------------- writing

//! One phase [rad], any finite one; kept modulo 2 pi. O(n).
RESONANCE_API int32_t resonance_f64_set_phase(resonance_network_f64* network, int64_t node,
                                              double phase) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_phase(resonance_network_f32* network, int64_t node,
                                              double phase) RESONANCE_NONBLOCKING;

//! One weight W[row, column] [1]. O(1).
RESONANCE_API int32_t resonance_f64_set_weight(resonance_network_f64* network, int64_t row, int64_t column,
                                               double weight) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_weight(resonance_network_f32* network, int64_t row, int64_t column,
                                               float weight) RESONANCE_NONBLOCKING;

//! Copies `count` = n phases [rad] in, any finite ones. Where there is coupling, the next step costs one more pass over
//! the weights, as it does after set_weight_rows(), run() and entrain().
RESONANCE_API int32_t resonance_f64_set_phases(resonance_network_f64* network, const double* phases,
                                               int64_t count) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_phases(resonance_network_f32* network, const double* phases,
                                               int64_t count) RESONANCE_NONBLOCKING;

//! Copies `count` = n frequencies [Hz] in.
RESONANCE_API int32_t resonance_f64_set_frequencies(resonance_network_f64* network, const double* frequencies,
                                                    int64_t count) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_frequencies(resonance_network_f32* network, const double* frequencies,
                                                    int64_t count) RESONANCE_NONBLOCKING;

//! Copies `count` = n phases [rad] in, where presentations start.
RESONANCE_API int32_t resonance_f64_set_initial_phases(resonance_network_f64* network, const double* phases,
                                                       int64_t count) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_initial_phases(resonance_network_f32* network, const double* phases,
                                                       int64_t count) RESONANCE_NONBLOCKING;

//! Copies `count` = n amplitudes [1] in. RESONANCE_NON_FINITE also where one is beyond the range of the network's type.
RESONANCE_API int32_t resonance_f64_set_amplitudes(resonance_network_f64* network, const double* amplitudes,
                                                   int64_t count) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_amplitudes(resonance_network_f32* network, const double* amplitudes,
                                                   int64_t count) RESONANCE_NONBLOCKING;

//! Copies whole rows of weights (count, n) [1] in, from row `first` on; here rows stand without a gap between them.
RESONANCE_API int32_t resonance_f64_set_weight_rows(resonance_network_f64* network, int64_t first, const double* rows,
                                                    int64_t count) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_weight_rows(resonance_network_f32* network, int64_t first, const float* rows,
                                                    int64_t count) RESONANCE_NONBLOCKING;

//! Steps done, from 0 to 2^62, and time [s].
RESONANCE_API int32_t resonance_f64_set_clock(resonance_network_f64* network, int64_t step_count,
                                              double time) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_clock(resonance_network_f32* network, int64_t step_count,
                                              double time) RESONANCE_NONBLOCKING;

//! Any number; 0 at first.
RESONANCE_API int32_t resonance_f64_set_noise_seed(resonance_network_f64* network, uint64_t seed) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_noise_seed(resonance_network_f32* network, uint64_t seed) RESONANCE_NONBLOCKING;

//! Rows shown, from 0 to 2^62.
RESONANCE_API int32_t resonance_f64_set_presentation_count(resonance_network_f64* network,
                                                           int64_t count) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_presentation_count(resonance_network_f32* network,
                                                           int64_t count) RESONANCE_NONBLOCKING;

// -------------------------------------------------------------------------------------------------- pins

//! Holds the amplitude [1] of `node` from now on. It takes it at once.
RESONANCE_API int32_t resonance_f64_pin(resonance_network_f64* network, int64_t node,
                                        double amplitude) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_pin(resonance_network_f32* network, int64_t node,
                                        double amplitude) RESONANCE_NONBLOCKING;

//! Holds amplitude [1] and phase [rad].
RESONANCE_API int32_t resonance_f64_pin_with_phase(resonance_network_f64* network, int64_t node, double amplitude,
                                                   double phase) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_pin_with_phase(resonance_network_f32* network, int64_t node, double amplitude,
                                                   double phase) RESONANCE_NONBLOCKING;

//! The same for `count` nodes, with as many amplitudes and phases; `phases` may be NULL, which leaves phases free.
RESONANCE_API int32_t resonance_f64_pin_nodes(resonance_network_f64* network, const int64_t* nodes,
                                              const double* amplitudes, const double* phases,
                                              int64_t count) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_pin_nodes(resonance_network_f32* network, const int64_t* nodes,
                                              const double* amplitudes, const double* phases,
                                              int64_t count) RESONANCE_NONBLOCKING;

//! Lets amplitude and phase go.
RESONANCE_API int32_t resonance_f64_unpin(resonance_network_f64* network, int64_t node) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_unpin(resonance_network_f32* network, int64_t node) RESONANCE_NONBLOCKING;

//! The same for `count` nodes.
RESONANCE_API int32_t resonance_f64_unpin_nodes(resonance_network_f64* network, const int64_t* nodes,
                                                int64_t count) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_unpin_nodes(resonance_network_f32* network, const int64_t* nodes,
                                                int64_t count) RESONANCE_NONBLOCKING;

// -------------------------------------------------------------------------------------------------- settings of one

//! Writes the present hyperparameters.
RESONANCE_API int32_t resonance_f64_hyperparameters(const resonance_network_f64* network,
                                                    resonance_hyperparameters* hyperparameters) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_hyperparameters(const resonance_network_f32* network,
                                                    resonance_hyperparameters* hyperparameters) RESONANCE_NONBLOCKING;

//! RESONANCE_INVALID_VALUE where one is not finite or outside its range.
RESONANCE_API int32_t resonance_f64_set_hyperparameters(
    resonance_network_f64* network, const resonance_hyperparameters* hyperparameters) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_hyperparameters(
    resonance_network_f32* network, const resonance_hyperparameters* hyperparameters) RESONANCE_NONBLOCKING;

//! What run() may cut off, relative to the largest weight.
RESONANCE_API double resonance_f64_tolerance(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API double resonance_f32_tolerance(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! Finite and above 0; at first 1e-12 (f64) or 1e-6 (f32).
RESONANCE_API int32_t resonance_f64_set_tolerance(resonance_network_f64* network,
                                                  double tolerance) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_tolerance(resonance_network_f32* network,
                                                  double tolerance) RESONANCE_NONBLOCKING;

//! The number of threads that the next step will use.
RESONANCE_API int32_t resonance_f64_threads(const resonance_network_f64* network);
RESONANCE_API int32_t resonance_f32_threads(const resonance_network_f32* network);

//! As resonance_options.threads.
RESONANCE_API int32_t resonance_f64_set_threads(resonance_network_f64* network, int32_t threads) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_set_threads(resonance_network_f32* network, int32_t threads) RESONANCE_NONBLOCKING;

// -------------------------------------------------------------------------------------------------- snapshots

//! Bytes of a snapshot, the same at any moment.
RESONANCE_API size_t resonance_f64_snapshot_size(const resonance_network_f64* network) RESONANCE_NONBLOCKING;
RESONANCE_API size_t resonance_f32_snapshot_size(const resonance_network_f32* network) RESONANCE_NONBLOCKING;

//! Copies everything that the steps to come depend on into `memory` of at least snapshot_size() bytes.
RESONANCE_API int32_t resonance_f64_snapshot(const resonance_network_f64* network, void* memory,
                                             size_t bytes) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_snapshot(const resonance_network_f32* network, void* memory,
                                             size_t bytes) RESONANCE_NONBLOCKING;

//! Returns to a snapshot of this network, or of another of its size and type made by the same version of the library:
//! every later step has the bits that it had from there. RESONANCE_FOREIGN_SNAPSHOT for anything else.
RESONANCE_API int32_t resonance_f64_restore(resonance_network_f64* network, const void* memory,
                                            size_t bytes) RESONANCE_NONBLOCKING;
RESONANCE_API int32_t resonance_f32_restore(resonance_network_f32* network, const void* memory,
                                            size_t bytes) RESONANCE_NONBLOCKING;

#ifdef __cplusplus
}  // extern "C"
#endif
