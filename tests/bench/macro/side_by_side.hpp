// Programs measured side by side: each way is a command that runs as a process of its own, in turn
// over several rounds, so that what disturbs the machine disturbs all of them. Prints the CPU of
// each whole process per message, start and connecting included, and its rate: medians and ranges.
// Figures hold for the machine they were taken on; only those of one run compare.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace seatrial::bench {

// A macro benchmark: one file of this folder, entered here by its last lines.
struct Macro {
  const char* name;
  const char* help;
  // The words after its name. Returns the exit code.
  int (*run)(const std::vector<std::string>& words);
};
[[nodiscard]] std::vector<Macro>& macros();
struct MacroRegistration {
  explicit MacroRegistration(Macro macro) { macros().push_back(macro); }
};

// The command that runs this program's macro `name` with `words`.
[[nodiscard]] std::vector<std::string> self(const std::string& name,
                                            const std::vector<std::string>& words);

struct Cost {
  double cpu_us = 0;  // per message, user and system, of the process and what it waited for
  double million_per_s = 0;
};

struct Way {
  std::string name;
  // Of one round; may differ between rounds (another topic, say).
  std::function<std::vector<std::string>(int round)> command;
  std::function<void(int round)> before{}, afterwards{};  // not measured
  std::vector<Cost> costs{};
};

// Throws InfrastructureError if a process fails; its stdout goes nowhere, its stderr to ours.
void measure(std::vector<Way>& ways, std::uint64_t messages, int rounds);

struct Target {
  std::string way, against;
  double most = 0;
  // Of their CPU per message: way / against, or way - against in nanoseconds.
  enum class By { ratio, nanoseconds } by = By::ratio;
};
// The table; then, for each target whose ways were both measured, what it is by round and should be
// at most. Nothing fails on it: the machine may be noisy.
void print(const std::vector<Way>& ways, const std::vector<Target>& targets);
// Google Benchmark's JSON: one entry a round and way, its cpu_time that of one message.
void write_json(const std::string& macro, const std::vector<Way>& ways, const std::string& path);

// Where a peer is, by its environment variable; says that it is skipped where it is not there.
[[nodiscard]] std::optional<std::string> peer(const char* variable);

}  // namespace seatrial::bench
