// A JVM's management beans (JMX) as JSON over HTTP on loopback, by the Jolokia agent. The agent is
// loaded into the running JVM, as its own tools attach to it: nothing is added to a broker's start,
// and nothing has to be configured in it. Reads only; for JVMs of this user (or any, as root) on
// this machine, outside of containers.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"

namespace seatrial::clusters {

// Loads a Java agent into the JVM with this pid: what `jcmd` and its kin do, without a JDK. Refused
// where the JVM does not listen for that yet, because the signal that wakes its listener would end
// it. The JVM keeps the agent to its end.
Result<bool> load_java_agent(int pid, const std::filesystem::path& jar, const std::string& options,
                             Instant deadline);

// One connection to one JVM's agent, kept between questions. For one thread.
class Jolokia {
 public:
  // Loads the agent, listening on a free port of 127.0.0.1. The Error of a JVM that hangs comes at
  // the deadline.
  static Result<std::unique_ptr<Jolokia>> start(int pid, const std::filesystem::path& jar,
                                                Instant deadline);
  ~Jolokia();
  Jolokia(const Jolokia&) = delete;
  Jolokia& operator=(const Jolokia&) = delete;

  // `requests`: a JSON array of Jolokia's requests; the answer: an array of as many answers, not
  // yet parsed. After an Error the next call connects again.
  Result<std::string> ask(const std::string& requests, Instant deadline);

 private:
  struct Impl;
  explicit Jolokia(int port);
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatrial::clusters
