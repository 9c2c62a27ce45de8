// The system's signals behind those of the Cluster interface.
#pragma once

#include <csignal>

#include "core/check.hpp"
#include "core/cluster.hpp"

namespace seatrial::clusters {

struct SystemSignal {
  int number;
  const char* name;  // without SIG, as container engines want it
};

inline SystemSignal system_signal(Signal signal) {
  switch (signal) {
    case Signal::kill: return {SIGKILL, "KILL"};
    case Signal::terminate: return {SIGTERM, "TERM"};
    case Signal::pause: return {SIGSTOP, "STOP"};
    case Signal::resume: return {SIGCONT, "CONT"};
  }
  throw InvariantBroken("unknown signal");
}

}  // namespace seatrial::clusters
