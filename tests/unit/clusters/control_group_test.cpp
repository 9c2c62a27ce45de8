// Control groups in a folder that looks as the kernel's do, of version 1, of version 2, and of
// both.
#include "clusters/control_group.hpp"

#include <unistd.h>

#include <fstream>

#include "core/file_text.hpp"
#include "support/catch.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

const std::set<Controller> all_three{Controller::cpu, Controller::memory, Controller::freezer};

struct MadeUpGroups {
  fs::path root;
  explicit MadeUpGroups(const std::string& name)
      : root(fs::temp_directory_path() /
             ("seatrial-groups-" + name + "-" + std::to_string(::getpid()))) {
    fs::remove_all(root);
    fs::create_directories(root);
  }
  ~MadeUpGroups() { fs::remove_all(root); }
  MadeUpGroups(const MadeUpGroups&) = delete;
  MadeUpGroups& operator=(const MadeUpGroups&) = delete;

  void write(const fs::path& file, const std::string& text = "") const {
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text;
  }
  [[nodiscard]] std::string read(const fs::path& file) const {
    return file_text(root / file).value_or("(none)");
  }
  void version_1() const {
    write("cpu/cpu.cfs_quota_us");
    write("memory/memory.limit_in_bytes");
    write("freezer/cgroup.procs");
  }
  void version_2(const std::string& handed_down) const {
    write("cgroup.controllers", "cpu memory pids");
    write("cgroup.subtree_control", handed_down);
  }
};

TEST_CASE("a control group of version 1 has a folder for each controller") {
  const MadeUpGroups groups("one");
  groups.version_1();
  const GroupTrees trees(groups.root);
  REQUIRE_FALSE(trees.lacks(all_three));
  auto made = ControlGroup::make(trees, "run", "node-1", all_three);
  REQUIRE(made);
  CHECK(made->name() == "seatrial.run.node-1");
  const fs::path name = made->name();
  const fs::path cpu = "cpu" / name, memory = "memory" / name, freezer = "freezer" / name;
  for (const auto& file : {cpu / "cgroup.procs", memory / "cgroup.procs", freezer / "cgroup.procs",
                           cpu / "cpu.cfs_period_us", cpu / "cpu.cfs_quota_us",
                           memory / "memory.limit_in_bytes", freezer / "freezer.state"}) {
    groups.write(file);
  }
  CHECK_FALSE(made->put(42));
  CHECK(groups.read(memory / "cgroup.procs") == "42");
  CHECK(groups.read(freezer / "cgroup.procs") == "42");
  CHECK_FALSE(made->limit_cpu(0.25));
  CHECK(groups.read(cpu / "cpu.cfs_period_us") == "100000");
  CHECK(groups.read(cpu / "cpu.cfs_quota_us") == "25000");
  CHECK_FALSE(made->limit_cpu(std::nullopt));
  CHECK(groups.read(cpu / "cpu.cfs_quota_us") == "-1");
  CHECK_FALSE(made->limit_memory(50'000'000));
  CHECK(groups.read(memory / "memory.limit_in_bytes") == "50000000");
  CHECK_FALSE(made->limit_memory(std::nullopt));
  CHECK(groups.read(memory / "memory.limit_in_bytes") == "-1");
  CHECK_FALSE(made->freeze(true));
  CHECK(made->is_frozen());
  groups.write(freezer / "freezer.state", "FREEZING\n");
  CHECK_FALSE(made->is_frozen());
  groups.write(cpu / "cpu.stat", "nr_periods 21\nnr_throttled 20\nthrottled_time 1600000000\n");
  groups.write(memory / "memory.usage_in_bytes", "4096\n");
  groups.write(memory / "memory.failcnt", "7\n");
  groups.write(memory / "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
  CHECK(made->counted() == LimitCounters{.periods = 21,
                                         .throttled = 20,
                                         .held_back = milliseconds(1600),
                                         .memory_bytes = 4096,
                                         .at_limit = 7,
                                         .oom_kills = 1});
}

TEST_CASE("a control group of version 2 has one folder for all") {
  const MadeUpGroups groups("two");
  groups.version_2("cpu memory\n");
  const GroupTrees trees(groups.root);
  REQUIRE_FALSE(trees.lacks(all_three));
  CHECK(trees.folders() == std::set<fs::path>{groups.root});
  auto made = ControlGroup::make(trees, "run", "node-1", all_three);
  REQUIRE(made);
  const fs::path group = made->name();
  for (const char* file : {"cgroup.procs", "cpu.max", "memory.max", "cgroup.freeze"})
    groups.write(group / file);
  CHECK_FALSE(made->put(42));
  CHECK(groups.read(group / "cgroup.procs") == "42");
  CHECK_FALSE(made->limit_cpu(1.5));
  CHECK(groups.read(group / "cpu.max") == "150000 100000");
  CHECK_FALSE(made->limit_cpu(std::nullopt));
  CHECK(groups.read(group / "cpu.max") == "max 100000");
  CHECK_FALSE(made->limit_memory(50'000'000));
  CHECK(groups.read(group / "memory.max") == "50000000");
  CHECK_FALSE(made->limit_memory(std::nullopt));
  CHECK(groups.read(group / "memory.max") == "max");
  CHECK_FALSE(made->freeze(true));
  CHECK(groups.read(group / "cgroup.freeze") == "1");
  groups.write(group / "cgroup.events", "populated 1\nfrozen 1\n");
  CHECK(made->is_frozen());
  groups.write(group / "cpu.stat",
               "usage_usec 9\nnr_periods 3\nnr_throttled 2\nthrottled_usec 150000\n");
  groups.write(group / "memory.current", "8192\n");
  groups.write(group / "memory.events", "low 0\nhigh 0\nmax 4\noom 1\noom_kill 1\n");
  CHECK(made->counted() == LimitCounters{.periods = 3,
                                         .throttled = 2,
                                         .held_back = milliseconds(150),
                                         .memory_bytes = 8192,
                                         .at_limit = 4,
                                         .oom_kills = 1});
}

TEST_CASE("trees of both versions: each controller is taken from where it works") {
  const MadeUpGroups groups("both");
  groups.write("cpu/cpu.cfs_quota_us");
  groups.write("unified/cgroup.controllers", "");
  groups.write("unified/cgroup.subtree_control", "");
  const GroupTrees trees(groups.root);
  REQUIRE(trees.tree(Controller::cpu) != nullptr);
  CHECK_FALSE(trees.tree(Controller::cpu)->one_for_all);
  REQUIRE(trees.tree(Controller::freezer) != nullptr);
  CHECK(trees.tree(Controller::freezer)->one_for_all);
  CHECK(trees.tree(Controller::memory) == nullptr);
  CHECK_FALSE(trees.lacks({Controller::cpu, Controller::freezer}));
  CHECK(trees.lacks(all_three) ==
        "this system's control groups have no memory controller (" + groups.root.string() + ")");
  CHECK_FALSE(ControlGroup::make(trees, "run", "node-1", all_three));
}

TEST_CASE("what of version 2 is not handed down cannot be limited") {
  const MadeUpGroups groups("kept");
  groups.version_2("pids\n");
  const GroupTrees trees(groups.root);
  CHECK(trees.lacks({Controller::cpu}));
  CHECK_FALSE(trees.lacks({Controller::freezer}));
  CHECK(GroupTrees(groups.root / "absent").lacks({Controller::freezer}));
}

TEST_CASE("a write that the kernel refuses is an error with the file's name") {
  const MadeUpGroups groups("refused");
  groups.version_1();
  auto made = ControlGroup::make(GroupTrees(groups.root), "run", "node-1", {Controller::cpu});
  REQUIRE(made);
  const auto failed = made->limit_cpu(1);
  REQUIRE(failed);
  CHECK(failed->message == "cannot write 100000 to " + groups.root.string() +
                               "/cpu/seatrial.run.node-1/cpu.cfs_period_us: "
                               "No such file or directory");
}

TEST_CASE("groups of dead runs are let go and removed, in every tree, once told") {
  const MadeUpGroups groups("sweep");
  groups.version_1();
  const std::string dead = "seatrial.made-up-dead-" + std::to_string(::getpid()) + ".node-1";
  for (const char* tree : {"cpu", "memory", "freezer"})
    fs::create_directories(groups.root / tree / dead);
  groups.write("freezer/" + dead + "/freezer.state", "FROZEN");
  fs::create_directories(groups.root / "cpu" / "somebody.else");
  fs::create_directories(groups.root / "cpu" / "seatrial.nobody");
  const GroupTrees trees(groups.root);
  thaw_dead_groups(trees);
  CHECK(groups.read("freezer/" + dead + "/freezer.state") == "THAWED");
  fs::remove(groups.root / "freezer" / dead / "freezer.state");
  CHECK(sweep_control_groups(trees) == std::vector<std::string>{"control group " + dead});
  for (const char* tree : {"cpu", "memory", "freezer"})
    CHECK_FALSE(fs::exists(groups.root / tree / dead));
  CHECK(fs::exists(groups.root / "cpu" / "somebody.else"));
  CHECK(sweep_control_groups(trees).empty());
}

}  // namespace
}  // namespace seatrial::clusters
