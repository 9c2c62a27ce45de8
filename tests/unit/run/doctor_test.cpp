// Grades of made-up machines, and the reading of a made-up /proc and /sys.
#include "run/doctor.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;
using Mark = Grade::Mark;

constexpr std::uint64_t gib = 1ULL << 30;
constexpr MachineNeeds needs{.memory_bytes = 4 * gib, .disk_bytes = 2 * gib};

MachineFacts good_machine() {
  MachineFacts facts;
  facts.cores = 8;
  facts.governor = "performance";
  facts.turbo = false;
  facts.numa_nodes = 1;
  facts.clock_source = "tsc";
  facts.memory_available = 8 * gib;
  facts.swap_used = 0;
  facts.disk_free = 100 * gib;
  facts.disk_folder = "/data";
  facts.open_files = 65536;
  facts.busy_share = facts.steal_share = facts.pressure_share = facts.memory_pressure_share =
      facts.io_pressure_share = 0.0;
  facts.tools = true;
  facts.java = "17";
  facts.engine = "docker 24";
  return facts;
}

// Names of the grades with that mark.
std::vector<std::string> marked(const MachineFacts& facts, Mark mark) {
  std::vector<std::string> names;
  for (const Grade& g : grade(facts, needs)) {
    if (g.mark == mark) names.push_back(g.name);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST_CASE("a machine without flaws is fit") {
  CHECK(marked(good_machine(), Mark::doubt).empty());
  CHECK(marked(good_machine(), Mark::unknown).empty());
  CHECK(is_fit(grade(good_machine(), needs)));
}

TEST_CASE("each flaw is one doubt, with what to change") {
  struct Flaw {
    const char* name;
    void (*spoil)(MachineFacts&);
  };
  const Flaw flaws[] = {
      {"cores", [](MachineFacts& m) { m.cores = 2; }},
      {"cgroup CPU quota", [](MachineFacts& m) { m.cpu_quota = 1.5; }},
      {"CPU governor", [](MachineFacts& m) { m.governor = "powersave"; }},
      {"turbo", [](MachineFacts& m) { m.turbo = true; }},
      {"NUMA nodes", [](MachineFacts& m) { m.numa_nodes = 2; }},
      {"clock source", [](MachineFacts& m) { m.clock_source = "hpet"; }},
      {"free memory", [](MachineFacts& m) { m.memory_available = 4 * gib - 1; }},
      {"swap in use", [](MachineFacts& m) { m.swap_used = gib; }},
      {"disk for data", [](MachineFacts& m) { m.disk_free = 2 * gib - 1; }},
      {"open files", [](MachineFacts& m) { m.open_files = 1024; }},
      {"CPU used by others", [](MachineFacts& m) { m.busy_share = 0.5; }},
      {"CPU stolen", [](MachineFacts& m) { m.steal_share = 0.05; }},
      {"CPU pressure", [](MachineFacts& m) { m.pressure_share = 0.5; }},
      {"memory pressure", [](MachineFacts& m) { m.memory_pressure_share = 0.05; }},
      {"disk pressure", [](MachineFacts& m) { m.io_pressure_share = 0.5; }},
      {"hiccups", [](MachineFacts& m) { m.hiccup_p99_ns = 5'000'000; }},
  };
  for (const Flaw& flaw : flaws) {
    MachineFacts facts = good_machine();
    flaw.spoil(facts);
    INFO(flaw.name);
    CHECK(marked(facts, Mark::doubt) == Names{flaw.name});
    const auto grades = grade(facts, needs);
    CHECK_FALSE(is_fit(grades));
    const auto found = std::ranges::find(grades, flaw.name, &Grade::name);
    REQUIRE(found != grades.end());
    CHECK_FALSE(found->advice.empty());
  }
  // Every grade but those of tools, which are needed only one for the other.
  CHECK(grade(good_machine(), needs).size() == std::size(flaws) + 2);
}

TEST_CASE("one of Java and an engine is enough") {
  MachineFacts facts = good_machine();
  facts.engine.clear();
  CHECK(marked(facts, Mark::note) == Names{"container engine"});
  CHECK(is_fit(grade(facts, needs)));
  facts.java.clear();
  facts.java_problem = "/usr/bin/java is Java 11, and brokers need 17 or newer";
  CHECK(marked(facts, Mark::doubt) == Names{"java", "container engine"});
}

TEST_CASE("what the machine does not tell is unknown, and no doubt") {
  MachineFacts facts;
  facts.cores = 8;
  facts.open_files = 65536;
  CHECK(is_fit(grade(facts, needs)));
  CHECK(marked(facts, Mark::unknown).size() == 12);
  CHECK(to_json(grade(facts, needs))["fit"] == true);
}

// A folder that stands for `/`.
class Root {
 public:
  Root() : path_(fs::temp_directory_path() / ("seatrial-doctor-" + std::to_string(::getpid()))) {}
  ~Root() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;
  void put(const std::string& file, const std::string& text) const {
    fs::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file) << text;
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST_CASE("the machine is read from its files") {
  const Root root;
  root.put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  root.put("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
  root.put("sys/devices/system/node/node0/cpulist", "0-3");
  root.put("sys/devices/system/node/node1/cpulist", "4-7");
  root.put("sys/devices/system/node/has_cpu", "0-1");
  root.put("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
  root.put("proc/meminfo", "MemAvailable:  2048 kB\nSwapTotal:  100 kB\nSwapFree:  40 kB\n");
  const auto facts = read_machine(root.path());
  CHECK(facts.governor == "powersave");
  CHECK(facts.turbo == true);
  CHECK(facts.numa_nodes == 2);
  CHECK(facts.clock_source == "hpet");
  CHECK(facts.memory_available == 2048U * 1024);
  CHECK(facts.swap_used == 60U * 1024);
  CHECK_FALSE(facts.cpu_quota);
}

TEST_CASE("a CPU quota is the least along the path of groups, in both versions") {
  const Root two;
  two.put("proc/self/cgroup", "0::/a/b\n");
  two.put("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  two.put("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  CHECK(read_machine(two.path()).cpu_quota == Approx(1.5));
  two.put("sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
  CHECK(read_machine(two.path()).cpu_quota == Approx(0.5));
  two.put("proc/self/cgroup", "4:cpu,cpuacct:/c\n3:cpuset:/a\n");
  CHECK_FALSE(read_machine(two.path()).cpu_quota);
  two.put("sys/fs/cgroup/cpu/c/cpu.cfs_quota_us", "-1\n");
  two.put("sys/fs/cgroup/cpu/c/cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(read_machine(two.path()).cpu_quota);
  two.put("sys/fs/cgroup/cpu/c/cpu.cfs_quota_us", "20000\n");
  CHECK(read_machine(two.path()).cpu_quota == Approx(0.2));
}

TEST_CASE("an empty root tells nothing, and an examined machine something") {
  const Root nothing;
  CHECK_FALSE(read_machine(nothing.path()).memory_available);
  const auto facts = examine_machine({.listen = milliseconds(20), .data = {}, .tools = false});
  CHECK(facts.cores >= 1);
  CHECK(facts.open_files > 0);
  CHECK(facts.disk_free);
}

}  // namespace
}  // namespace seatrial::run
