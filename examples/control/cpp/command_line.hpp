//! What the user asks for.
#pragma once

#include <limits>
#include <string>

struct Arguments {
    std::string model;                                           //!< file of the pendulum
    std::string phases;                                          //!< file of the initial phases; empty: spread evenly
    std::string out;                                             //!< file of the trace; empty: standard output
    double seconds = 120;                                        //!< how long [s]
    double payload_at = 60;                                      //!< when the payload is hung on [s]
    double lost_from = std::numeric_limits<double>::infinity();  //!< from when nothing is measured [s]
    double lost_until = std::numeric_limits<double>::infinity();
    bool help = false;
};

extern const char* const usage;

//! Throws std::invalid_argument with one line for the user.
Arguments parse(int count, const char* const* words);
