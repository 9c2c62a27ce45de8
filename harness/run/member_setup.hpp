// What a member's process is told when it starts, and the report it leaves at its end, as JSON.
// Both sides are the same program, so there is no versioning and nothing is optional.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/options.hpp"
#include "core/workload.hpp"

namespace seatrial::run {

struct MemberSetup {
  std::string kind;  // of Registry<Workload>
  std::map<std::string, RawOption> options;
  LaneContext context;  // its pointers stay behind
  int parent = 0;       // the harness's pid
};

// Holds what `properties:` brought in, secrets too: it travels through a socket, and is never
// written to a file, a command line or a log.
[[nodiscard]] nlohmann::json to_json(const MemberSetup& setup);
// Throws nlohmann::json::exception on anything but the above.
[[nodiscard]] MemberSetup read_setup(const nlohmann::json& json);

[[nodiscard]] nlohmann::json to_json(const LaneReport& report);
[[nodiscard]] LaneReport read_report(const nlohmann::json& json);

}  // namespace seatrial::run
