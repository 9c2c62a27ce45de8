// Forking, waiting and the arithmetic of tables.
#include "bench/macro/side_by_side.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/check.hpp"
#include "core/time.hpp"

namespace seatrial::bench {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

Cost run(const std::string& name, const std::vector<std::string>& command, std::uint64_t messages) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const Instant begun = now();
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  rusage used{};
  check(wait4(child, &status, 0, &used) == child, "the measured process ends");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw InfrastructureError(name + " failed: " + fmt::format("{}", fmt::join(command, " ")));
  }
  const double count = static_cast<double>(messages);
  const double wall = std::chrono::duration<double>(now() - begun).count();
  return {(seconds_of(used.ru_utime) + seconds_of(used.ru_stime)) * 1e6 / count,
          count / wall / 1e6};
}

std::string spread(std::vector<double> values, int digits = 3) {
  std::ranges::sort(values);
  return fmt::format("{0:.{3}f} ({1:.{3}f} to {2:.{3}f})", values[values.size() / 2],
                     values.front(), values.back(), digits);
}

const Way* find(const std::vector<Way>& ways, const std::string& name) {
  const auto it = std::ranges::find(ways, name, &Way::name);
  return it == ways.end() || it->costs.empty() ? nullptr : &*it;
}

}  // namespace

std::vector<Macro>& macros() {
  static std::vector<Macro> all;
  return all;
}

std::vector<std::string> self(const std::string& name, const std::vector<std::string>& words) {
  std::vector<std::string> command{"/proc/self/exe", name};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

void measure(std::vector<Way>& ways, std::uint64_t messages, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (Way& way : ways) {
      if (way.before) way.before(round);
      way.costs.push_back(run(way.name, way.command(round), messages));
      if (way.afterwards) way.afterwards(round);
    }
  }
}

void print(const std::vector<Way>& ways, const std::vector<Target>& targets) {
  fmt::print("{:<28} {:>26} {:>26}\n", "", "CPU us/message", "million messages/s");
  for (const Way& way : ways) {
    std::vector<double> cpu, rate;
    for (const Cost& cost : way.costs) {
      cpu.push_back(cost.cpu_us);
      rate.push_back(cost.million_per_s);
    }
    fmt::print("{:<28} {:>26} {:>26}\n", way.name, spread(cpu), spread(rate));
  }
  for (const Target& target : targets) {
    const Way* way = find(ways, target.way);
    const Way* against = find(ways, target.against);
    if (way == nullptr || against == nullptr) continue;
    const bool ratio = target.by == Target::By::ratio;
    std::vector<double> by_round;
    for (std::size_t i = 0; i < way->costs.size(); ++i) {
      const double own = way->costs[i].cpu_us, other = against->costs[i].cpu_us;
      by_round.push_back(ratio ? own / other : (own - other) * 1e3);
    }
    fmt::print("{} {} {}: {}, wanted at most {}\n", target.way, ratio ? "/" : "-", target.against,
               spread(by_round, ratio ? 3 : 0),
               ratio ? fmt::format("{:.3g}", target.most) : fmt::format("{} ns", target.most));
  }
}

void write_json(const std::string& macro, const std::vector<Way>& ways, const std::string& path) {
  nlohmann::ordered_json out{{"context", {{"library", "seatrial"}}}};
  auto& entries = out["benchmarks"] = nlohmann::ordered_json::array();
  for (const Way& way : ways) {
    const std::string name = macro + "/" + way.name;
    for (std::size_t i = 0; i < way.costs.size(); ++i) {
      const Cost& cost = way.costs[i];
      entries.push_back({{"name", name},
                         {"run_name", name},
                         {"run_type", "iteration"},
                         {"repetitions", way.costs.size()},
                         {"repetition_index", i},
                         {"threads", 1},
                         {"iterations", 1},
                         {"real_time", 1e3 / cost.million_per_s},
                         {"cpu_time", cost.cpu_us * 1e3},
                         {"time_unit", "ns"},
                         {"items_per_second", cost.million_per_s * 1e6}});
    }
  }
  std::ofstream file(path);
  file << out.dump(2) << '\n';
  if (!file.flush()) throw InfrastructureError("cannot write " + path);
}

std::optional<std::string> peer(const char* variable) {
  if (const char* path = std::getenv(variable); path != nullptr && *path != '\0') return path;
  fmt::print("skipped, as {} names no program\n", variable);
  return std::nullopt;
}

}  // namespace seatrial::bench
