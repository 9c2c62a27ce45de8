// What a worker process is told when it starts, and the report it leaves at its end, as JSON; and
// what a process is asked about the client library that it was started with.
// Both sides are the same program, so there is no versioning and nothing is optional.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "client/workload.hpp"
#include "core/options.hpp"
#include "kafka/loaded_library.hpp"
#include "ledger/ledger.hpp"
#include "scenario/scenario.hpp"
#include "workers/trial_share.hpp"

namespace seatrial::workers {

enum class ProcessRole { member, lane };  // of a group; any other lane

// What the process maps of the harness's memory.
struct SharedSetup {
  TrialShape shape;
  int memory = -1;  // descriptors of the harness
  std::vector<TopicPartition> partitions;
  std::vector<ledger::LaneShape> ledger_lanes;
  int ledger = -1;
  std::optional<std::size_t> in_ledger;  // producers: which of the ledger's lanes it is
  bool full_history = false;
};

struct WorkerSetup {
  ProcessRole role = ProcessRole::member;
  SharedSetup shared;
  std::string kind;  // of Registry<Workload>
  std::map<std::string, RawOption> options;
  std::string folder;   // Options::folder
  LaneContext context;  // its pointers stay behind
  int parent = 0;       // the harness's pid
};

// Holds what `properties:` brought in, secrets too: it travels through a socket, and is never
// written to a file, a command line or a log.
[[nodiscard]] nlohmann::json to_json(const WorkerSetup& setup);
// Throws nlohmann::json::exception on anything but the above.
[[nodiscard]] WorkerSetup read_setup(const nlohmann::json& json);

[[nodiscard]] nlohmann::json to_json(const LaneReport& report);
[[nodiscard]] LaneReport read_report(const nlohmann::json& json);

// Questions: what was loaded, and what that library makes of a workload's options.
[[nodiscard]] nlohmann::json question_of_version();
[[nodiscard]] nlohmann::json question_of_workload(const std::string& kind,
                                                  const std::map<std::string, RawOption>& options,
                                                  const std::string& folder = {});
// Whether a worker's first line is a question and no setup; and the answer to it.
[[nodiscard]] bool is_question(const nlohmann::json& line);
[[nodiscard]] nlohmann::json answer(const nlohmann::json& question);
// Parts of answers.
[[nodiscard]] nlohmann::json to_json(const kafka::LoadedLibrary& library);
[[nodiscard]] kafka::LoadedLibrary read_loaded(const nlohmann::json& json);
[[nodiscard]] scenario::LibraryAnswer read_answer(const nlohmann::json& json);

}  // namespace seatrial::workers
