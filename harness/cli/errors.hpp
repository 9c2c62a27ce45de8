// How errors are worded, and stops noticed, by all verbs.
#pragma once

#include <string>

#include "core/result.hpp"

namespace seatrial::cli {

// The message, and the hint on a line of its own.
[[nodiscard]] std::string with_hint(const Error& error);

// Throws Interrupted once a stop signal has come.
void stop_if_asked();

}  // namespace seatrial::cli
