// The container engine as seen through its command line: what answers, which image to run, what
// state a container is in. Nothing here goes through a shell, and every call has a deadline.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "clusters/process.hpp"
#include "core/cluster.hpp"
#include "core/result.hpp"

namespace seatrial::clusters {

struct Engine {
  std::vector<std::string> compose;  // the command: docker compose, or docker-compose
  std::string version;               // of the server
  std::string compose_version;
};

// What a spec asks for that compose/apache.yaml cannot give. Pure; in compose.cpp.
std::optional<std::string> compose_refuses(const ClusterSpec& spec);

// The engine that answers now; the Error says what is missing.
Result<Engine> find_engine();

// Why what this machine does cannot reach the engine's containers, as it runs elsewhere; nothing if
// it is here.
std::optional<std::string> engine_elsewhere();

ToolOutcome docker(std::vector<std::string> arguments, nanoseconds deadline,
                   const ToolOptions& options = {});

// The image of a Kafka version that is on this machine: $SEATRIAL_IMAGE, apache/kafka, or our own.
std::optional<std::string> present_image(const std::string& version);

// Whether apache/kafka can be pulled: a registry is asked once, within ten seconds. A failure is
// remembered for an hour.
bool can_pull(const std::string& version);

// The image to run: present, else pulled, else our own, built from packages and jars.
Result<std::string> obtain_image(const std::string& version, std::stop_token stop);

// `docker inspect`'s words for a container.
struct ContainerState {
  std::string status;  // created, running, paused, exited, dead, ...
  int pid = 0;
  int exit_code = 0;
  friend bool operator==(const ContainerState&, const ContainerState&) = default;
};
std::optional<ContainerState> parse_container_state(std::string_view text);  // "running 4711 0"
std::optional<ContainerState> inspect(const std::string& container);
// Exit codes of 128 + n mean signal n, save 143: a JVM that is told to stop exits with it by
// itself.
ProcessState to_process_state(const ContainerState& container);

}  // namespace seatrial::clusters
