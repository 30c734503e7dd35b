//! Who follows a run: the one who may stop it, and the one who looks on.
#pragma once

#include "resonance/interrupt.hpp"
#include "resonance/observer.hpp"

namespace resonance::detail {

template <class Real>
struct Watch {
    Interrupt interrupt = {};
    Observer<Real>* observer = nullptr;

    bool interrupted() const noexcept {
        return interrupt.requested != nullptr && interrupt.requested(interrupt.context);
    }
    //! Whether someone wants to look after `step` steps of the run.
    bool is_due(std::int64_t step) const noexcept { return observer != nullptr && observer->next <= step; }
};

}  // namespace resonance::detail
