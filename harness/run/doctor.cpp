// Reading the machine from /proc and /sys, and one short function per grade.
#include "run/doctor.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "clusters/engine.hpp"
#include "clusters/jars.hpp"
#include "core/file_text.hpp"
#include "core/units.hpp"
#include "measure/hiccup.hpp"
#include "measure/machine.hpp"
#include "scenario/needs.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;
using enum Grade::Mark;

constexpr std::uint64_t mib = 1ULL << 20;

std::string text_of(const fs::path& path) { return file_text(path).value_or(""); }

std::optional<std::string> word_of(const fs::path& path) {
  std::ifstream in(path);
  std::string word;
  if (in >> word) return word;
  return std::nullopt;
}

std::optional<double> number_of(const fs::path& path) {
  std::ifstream in(path);
  double number = 0;
  if (in >> number) return number;
  return std::nullopt;
}

std::optional<bool> read_turbo(const fs::path& cpu) {
  if (const auto no_turbo = word_of(cpu / "intel_pstate/no_turbo")) return *no_turbo == "0";
  if (const auto boost = word_of(cpu / "cpufreq/boost")) return *boost == "1";
  return std::nullopt;
}

std::optional<int> count_numa_nodes(const fs::path& folder) {
  int count = 0;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    const std::string name = entry.path().filename().string();
    const bool node = name.starts_with("node") && name.size() > 4 &&
                      name.find_first_not_of("0123456789", 4) == std::string::npos;
    count += node ? 1 : 0;
  }
  if (count == 0) return std::nullopt;
  return count;
}

// The cores that one cgroup folder allows: "max 100000" or "150000 100000" in version 2.
std::optional<double> quota_of(const fs::path& folder) {
  std::istringstream in(text_of(folder / "cpu.max"));
  double quota = 0, period = 0;
  if (in >> quota >> period && period > 0) return quota / period;
  const auto old_quota = number_of(folder / "cpu.cfs_quota_us");
  const auto old_period = number_of(folder / "cpu.cfs_period_us");
  if (old_quota && old_period && *old_quota > 0 && *old_period > 0) return *old_quota / *old_period;
  return std::nullopt;
}

// The least of what this process's group and those above it may use.
std::optional<double> read_cpu_quota(const fs::path& root) {
  std::optional<double> least;
  const auto look = [&](const fs::path& folder) {
    if (const auto quota = quota_of(folder)) least = std::min(least.value_or(*quota), *quota);
  };
  std::istringstream groups(text_of(root / "proc/self/cgroup"));
  for (std::string line; std::getline(groups, line);) {
    // "0::/a/b" in version 2, "4:cpu,cpuacct:/a/b" in version 1.
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool counts_cpu =
        controllers.empty() || ("," + controllers + ",").find(",cpu,") != std::string::npos;
    if (!counts_cpu) continue;
    const fs::path top = root / "sys/fs/cgroup" / (controllers.empty() ? "" : "cpu");
    const fs::path own = fs::path(line.substr(second + 1)).relative_path();
    fs::path at = top;
    look(at);  // in a container the path may be the host's, and only this one is there
    for (const auto& part : own) look(at /= part);
  }
  return least;
}

// Where a local cluster would keep its data.
fs::path data_folder(const fs::path& wanted) {
  if (!wanted.empty()) return wanted;
  std::error_code failure;
  const auto space = fs::space("/dev/shm", failure);
  const bool room = !failure && space.available >= usual_needs().disk_bytes;
  return room && access("/dev/shm", W_OK) == 0 ? fs::path("/dev/shm") : fs::current_path();
}

void listen(nanoseconds length, MachineFacts& facts) {
  measure::HiccupMeter meter(now(), milliseconds(1));
  const auto before = measure::sample_machine();
  std::this_thread::sleep_for(length);
  const auto use = measure::use_between(before, measure::sample_machine());
  const auto hiccups = meter.stop();
  facts.busy_share = use.busy_share;
  facts.steal_share = use.steal_share;
  facts.pressure_share = use.pressure_share;
  facts.memory_pressure_share = use.memory_pressure_share;
  facts.io_pressure_share = use.io_pressure_share;
  facts.hiccup_p99_ns = hiccups.histogram.value_at(99);
  facts.hiccup_max_ns = hiccups.max_ns();
}

void look_for_tools(MachineFacts& facts) {
  facts.tools = true;
  const auto java = clusters::find_java();
  if (java) facts.java = java->version;
  else facts.java_problem = java.error().message;
  const auto engine = clusters::find_engine();
  if (engine) facts.engine = "docker " + engine->version + ", compose " + engine->compose_version;
  else facts.engine_problem = engine.error().message;
}

// --- grades ---

std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }

std::string bytes(std::uint64_t n) { return fmt::format("{} MiB", n / mib); }

Grade unanswerable(std::string name) {
  return {std::move(name), unknown, "the machine does not report it", ""};
}

Grade grade_cores(const MachineFacts& facts) {
  const std::string observed = std::to_string(facts.cores);
  if (facts.cores >= 4) return {"cores", good, observed, ""};
  return {"cores", doubt, observed,
          "brokers and load generator share them: compare latencies only within one run, or take a "
          "machine with 4 or more"};
}

Grade grade_quota(const MachineFacts& facts) {
  if (!facts.cpu_quota || *facts.cpu_quota >= facts.cores) {
    return {"cgroup CPU quota", good, "none below the machine's cores", ""};
  }
  return {"cgroup CPU quota", doubt, fmt::format("{:.2f} cores", *facts.cpu_quota),
          "a group above its quota stands still for tens of milliseconds: raise or remove the "
          "container's or unit's CPU limit (cpu.max)"};
}

Grade grade_governor(const MachineFacts& facts) {
  if (!facts.governor) return unanswerable("CPU governor");
  if (*facts.governor == "performance") return {"CPU governor", good, *facts.governor, ""};
  return {"CPU governor", doubt, *facts.governor,
          "cores change their speed under load: cpupower frequency-set -g performance"};
}

Grade grade_turbo(const MachineFacts& facts) {
  if (!facts.turbo) return unanswerable("turbo");
  if (!*facts.turbo) return {"turbo", good, "off", ""};
  return {"turbo", doubt, "on",
          "speed depends on temperature and on other cores: write 1 to "
          "/sys/devices/system/cpu/intel_pstate/no_turbo, or 0 to .../cpufreq/boost"};
}

Grade grade_numa(const MachineFacts& facts) {
  if (!facts.numa_nodes) return unanswerable("NUMA nodes");
  if (*facts.numa_nodes == 1) return {"NUMA nodes", good, "1", ""};
  return {"NUMA nodes", doubt, std::to_string(*facts.numa_nodes),
          "memory of another node is slower, by chance: start with numactl --cpunodebind=0 "
          "--membind=0"};
}

Grade grade_clock(const MachineFacts& facts) {
  if (!facts.clock_source) return unanswerable("clock source");
  const std::string& name = *facts.clock_source;
  const bool slow = name == "hpet" || name == "acpi_pm" || name == "refined-jiffies" ||
                    name == "jiffies" || name == "xen";
  if (!slow) return {"clock source", good, name, ""};
  return {"clock source", doubt, name,
          "each reading of the clock is a system call: write tsc (or kvm-clock) to "
          "/sys/devices/system/clocksource/clocksource0/current_clocksource, if it is available"};
}

Grade grade_memory(const MachineFacts& facts, const MachineNeeds& needs) {
  if (!facts.memory_available) return unanswerable("free memory");
  const std::string observed = bytes(*facts.memory_available);
  if (*facts.memory_available >= needs.memory_bytes) return {"free memory", good, observed, ""};
  return {"free memory", doubt, observed,
          "brokers and page cache want " + bytes(needs.memory_bytes) +
              ": end other programs, or lower cluster.heap or cluster.brokers"};
}

Grade grade_swap(const MachineFacts& facts) {
  if (!facts.swap_used) return unanswerable("swap in use");
  const std::string observed = bytes(*facts.swap_used);
  // A little of it is what nobody has asked for in weeks.
  if (*facts.swap_used < 64 * mib) return {"swap in use", good, observed, ""};
  return {"swap in use", doubt, observed,
          "a JVM whose heap is swapped stands still when it collects garbage: free memory, then "
          "swapoff -a"};
}

Grade grade_disk(const MachineFacts& facts, const MachineNeeds& needs) {
  const std::string name = "disk for data";
  if (!facts.disk_free) return unanswerable(name);
  const std::string observed = bytes(*facts.disk_free) + " free in " + facts.disk_folder;
  if (*facts.disk_free >= needs.disk_bytes) return {name, good, observed, ""};
  return {name, doubt, observed,
          "brokers want " + bytes(needs.disk_bytes) +
              " at least: free some, or name another folder by cluster.data"};
}

Grade grade_files(const MachineFacts& facts) {
  constexpr std::uint64_t enough = 4096;
  const std::string observed = std::to_string(facts.open_files);
  if (facts.open_files >= enough) return {"open files", good, observed, ""};
  return {"open files", doubt, observed,
          "a broker has a file or more for each segment, and a socket for each client: "
          "ulimit -n 65536"};
}

Grade grade_share(const std::string& name, const std::optional<double>& share, double most,
                  const std::string& advice) {
  if (!share) return unanswerable(name);
  if (*share <= most) return {name, good, percent(*share), ""};
  return {name, doubt, percent(*share), advice};
}

Grade grade_hiccups(const MachineFacts& facts) {
  const std::string observed = "p99 " + format_duration(nanoseconds(facts.hiccup_p99_ns)) +
                               ", longest " + format_duration(nanoseconds(facts.hiccup_max_ns));
  if (facts.hiccup_p99_ns <= 1'000'000) return {"hiccups", good, observed, ""};
  return {"hiccups", doubt, observed,
          "a thread that wants to run has to wait: end what else runs here, or take a machine that "
          "is not shared"};
}

void grade_noise(const MachineFacts& facts, std::vector<Grade>& out) {
  out.push_back(grade_share("CPU used by others", facts.busy_share, 0.1,
                            "end what else runs here; `top` names it"));
  out.push_back(grade_share("CPU stolen", facts.steal_share, 0.01,
                            "other guests of this host take its cores: use dedicated cores, or "
                            "repeat at a quieter time"));
  out.push_back(grade_share("CPU pressure", facts.pressure_share, 0.1,
                            "tasks wait for cores: end what else runs here"));
  out.push_back(grade_share("memory pressure", facts.memory_pressure_share, 0.01,
                            "tasks wait for memory: end what else runs here, or add memory"));
  out.push_back(grade_share("disk pressure", facts.io_pressure_share, 0.1,
                            "tasks wait for disks: end what writes here, or name a folder on "
                            "another disk by cluster.data"));
  out.push_back(grade_hiccups(facts));
}

void grade_tools(const MachineFacts& facts, std::vector<Grade>& out) {
  const bool either = !facts.java.empty() || !facts.engine.empty();
  const auto missing = [&](const std::string& name, const std::string& observed,
                           const std::string& advice) {
    out.push_back({name, either ? note : doubt, observed, advice});
  };
  if (!facts.java.empty()) out.push_back({"java", good, facts.java, ""});
  else missing("java", facts.java_problem, "local clusters need it: ./seatrial need java");
  if (!facts.engine.empty()) out.push_back({"container engine", good, facts.engine, ""});
  else
    missing("container engine", facts.engine_problem,
            "clusters in containers need one: ./seatrial need engine; local ones do not");
}

const char* word(Grade::Mark mark) {
  switch (mark) {
    case good: return "good";
    case note: return "note";
    case doubt: return "doubt";
    case unknown: break;
  }
  return "unknown";
}

}  // namespace

MachineFacts read_machine(const fs::path& root) {
  MachineFacts facts;
  const fs::path cpu = root / "sys/devices/system/cpu";
  facts.governor = word_of(cpu / "cpu0/cpufreq/scaling_governor");
  facts.turbo = read_turbo(cpu);
  facts.numa_nodes = count_numa_nodes(root / "sys/devices/system/node");
  facts.clock_source =
      word_of(root / "sys/devices/system/clocksource/clocksource0/current_clocksource");
  facts.cpu_quota = read_cpu_quota(root);
  const std::string memory = text_of(root / "proc/meminfo");
  facts.memory_available = measure::parse_meminfo(memory, "MemAvailable");
  const auto swap = measure::parse_meminfo(memory, "SwapTotal");
  const auto swap_free = measure::parse_meminfo(memory, "SwapFree");
  if (swap && swap_free) facts.swap_used = *swap - std::min(*swap, *swap_free);
  return facts;
}

MachineFacts examine_machine(const DoctorSetting& setting) {
  MachineFacts facts = read_machine("/");
  facts.cores = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) facts.open_files = files.rlim_cur;
  const fs::path folder = data_folder(setting.data);
  facts.disk_folder = folder.string();
  std::error_code failure;
  const auto space = fs::space(folder, failure);
  if (!failure) facts.disk_free = space.available;
  listen(setting.listen, facts);  // before tools are started, which it would hear
  if (setting.tools) look_for_tools(facts);
  return facts;
}

std::vector<Grade> grade(const MachineFacts& facts, const MachineNeeds& needs) {
  std::vector<Grade> out{grade_cores(facts),         grade_quota(facts), grade_governor(facts),
                         grade_turbo(facts),         grade_numa(facts),  grade_clock(facts),
                         grade_memory(facts, needs), grade_swap(facts),  grade_disk(facts, needs),
                         grade_files(facts)};
  grade_noise(facts, out);
  if (facts.tools) grade_tools(facts, out);
  return out;
}

bool is_fit(const std::vector<Grade>& grades) {
  return std::ranges::none_of(grades, [](const Grade& g) { return g.mark == doubt; });
}

nlohmann::json to_json(const std::vector<Grade>& grades) {
  nlohmann::json out{{"fit", is_fit(grades)}, {"grades", nlohmann::json::array()}};
  for (const Grade& g : grades) {
    nlohmann::json row{{"name", g.name}, {"mark", word(g.mark)}, {"observed", g.observed}};
    if (!g.advice.empty()) row["advice"] = g.advice;
    out["grades"].push_back(std::move(row));
  }
  return out;
}

std::string to_text(const std::vector<Grade>& grades) {
  std::string out;
  for (const Grade& g : grades) {
    out += fmt::format("{:<8} {:<20} {}\n", word(g.mark), g.name, g.observed);
    if (!g.advice.empty()) out += fmt::format("{:<8} {}\n", "", g.advice);
  }
  const auto doubts = std::ranges::count_if(grades, [](const Grade& g) { return g.mark == doubt; });
  if (doubts == 0) return out + "\nfit to measure on\n";
  return out + fmt::format("\n{} doubt{}: latencies measured here may be this machine's\n", doubts,
                           doubts == 1 ? "" : "s");
}

MachineNeeds usual_needs() {
  scenario::TrialPlan plan;
  const auto needs = scenario::needs_of(plan);
  // Besides: the harness, and room for the page cache.
  return {.memory_bytes = needs.memory_bytes + 1024 * mib,
          .disk_bytes = static_cast<std::uint64_t>(needs.processes) * 512 * mib};
}

}  // namespace seatrial::run
