// Asking a running JVM by HotSpot's attach protocol, as `jcmd` and its kin do, without a JDK. For
// JVMs of this user (or any, as root) on this machine, outside of containers.
#pragma once

#include <array>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"

namespace seatrial::clusters {

// What the JVM with this pid says to a command of the protocol ("load", "jcmd") and its arguments.
// Refused where the JVM does not listen for that yet, because the signal that wakes its listener
// would end it. The Error of a JVM that hangs comes at the deadline.
Result<std::string> ask_jvm(int pid, const std::string& command,
                            const std::array<std::string, 3>& arguments, Instant deadline);

}  // namespace seatrial::clusters
