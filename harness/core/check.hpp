// Invariants that stay on in release builds, and the exceptions that end a trial or a run.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace seatrial {

// A broken invariant of ours: a defect of the harness, never of the system under test.
struct InvariantBroken : std::logic_error {
  using std::logic_error::logic_error;
};

// The surroundings failed (a broker did not start, a disk is full): exit code 4.
struct InfrastructureError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A wrong command line or scenario: exit code 3. The text is complete, one problem a line.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The user asked to stop (Ctrl-C, SIGTERM).
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted") {}
};

inline void check(bool holds, std::string_view what) {
  if (!holds) throw InvariantBroken("invariant broken: " + std::string(what));
}

}  // namespace seatrial
