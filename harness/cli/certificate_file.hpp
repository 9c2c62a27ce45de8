// The certificate of this machine, where gates find it.
#pragma once

#include "cli/gate_arguments.hpp"
#include "gate/certificate.hpp"

namespace seatrial::cli {

// Says what gates can tell here by the certificate that is there; that there is none, or that it is
// of another machine, where so.
void add_certificate(LoadedGate& gate);

// For later gates; one that cannot be written is a warning.
void save_certificate(const gate::Certificate& certificate);

}  // namespace seatrial::cli
