// Grades the machine: what about it would spoil a measurement or a run, and what to change. For
// `seatrial doctor`, and shorter for every run's record. It changes nothing, and reads only what
// any user may read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"

namespace seatrial::run {

// What is known of the machine; absent: it does not tell.
struct MachineFacts {
  int cores = 0;
  std::optional<double> cpu_quota;      // cores that this process's cgroup may use; absent: all
  std::optional<std::string> governor;  // of core 0
  std::optional<bool> turbo;
  std::optional<int> numa_nodes;
  std::optional<std::string> clock_source;
  std::optional<std::uint64_t> memory_available;
  std::optional<std::uint64_t> swap_used;
  std::optional<std::uint64_t> disk_free;  // where brokers keep their data
  std::string disk_folder;
  std::uint64_t open_files = 0;  // this process may have
  // Listened for a moment, to what others do here.
  std::optional<double> busy_share, steal_share, pressure_share, memory_pressure_share,
      io_pressure_share;
  std::int64_t hiccup_p99_ns = 0, hiccup_max_ns = 0;
  // Only where tools were looked for.
  bool tools = false;
  std::string java;  // "17.0.15"; empty: none that brokers can run on
  std::string java_problem;
  std::string engine;  // "docker 24.0.5, docker-compose 1.29.2"; empty: none, and why
  std::string engine_problem;
};

struct MachineNeeds {
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0;
};

struct DoctorSetting {
  nanoseconds listen{seconds(3)};  // for neighbours
  std::filesystem::path data;      // the scenario's; empty: where local clusters keep it
  bool tools = true;               // whether Java and container engines are asked as well
};

struct Grade {
  enum class Mark { good, note, doubt, unknown };  // note: no harm, but worth knowing
  std::string name;
  Mark mark = Mark::unknown;
  std::string observed;
  std::string advice;  // what to change; empty where nothing needs to
};

MachineFacts examine_machine(const DoctorSetting& setting);
// The parts of it that are files, below another root than `/` in tests.
MachineFacts read_machine(const std::filesystem::path& root);

[[nodiscard]] std::vector<Grade> grade(const MachineFacts& facts, const MachineNeeds& needs);
[[nodiscard]] bool is_fit(const std::vector<Grade>& grades);  // no doubt

// {"fit": true, "grades": [{"name", "mark", "observed", "advice"}]}
nlohmann::json to_json(const std::vector<Grade>& grades);
std::string to_text(const std::vector<Grade>& grades);  // for a terminal

// Of three brokers and a controller as they are by default: what a quickstart wants.
MachineNeeds usual_needs();

}  // namespace seatrial::run
