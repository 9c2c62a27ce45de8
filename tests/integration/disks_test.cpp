// Disks that are mounted: what a program wrote with fsync survives a power cut and what it wrote
// without does not; and what else a disk may do. A program is `dd`.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "clusters/leftovers.hpp"
#include "clusters/node_disks.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/units.hpp"
#include "disks/block_mount.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

const NodeId node{1};  // which has two log dirs
const DiskId first{.node = node, .dir = 1}, second{.node = node, .dir = 2};

// Two mounted disks in a folder of a run of their own.
struct Rig {
  explicit Rig(const std::string& name)
      : run("test-" + name + "-" + std::to_string(getpid())),
        lock(fs::temp_directory_path(), run),
        data("/dev/shm", run),
        log(fs::temp_directory_path() / (run + ".log")),
        disks({.folder = data.path(), .run_id = run, .log = log, .program = SEATRIAL_BINARY},
              {{first, "broker-1-dir-1"}, {second, "broker-1-dir-2"}}) {}
  ~Rig() {
    for (const auto& line : disks.down()) FAIL_CHECK(line);
    std::error_code ignored;
    fs::remove(log, ignored);
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  // A program that writes 100 kB; whether it could.
  bool writes(DiskId disk, const std::string& name, const std::string& more = "") const {
    std::vector<std::string> argv{
        "dd",      "if=/dev/zero", "of=" + (disks.root(disk) / name).string(),
        "bs=1000", "count=100",    "status=none"};
    if (!more.empty()) argv.push_back(more);
    return run_tool(argv, seconds(30)).ok();
  }
  [[nodiscard]] std::uintmax_t size(DiskId disk, const std::string& name) const {
    std::error_code absent;
    const auto found = fs::file_size(disks.root(disk) / name, absent);
    return absent ? 0 : found;
  }
  DiskRule rule(DiskRule::Effect effect, DiskOperation operation) const {
    DiskRule out;
    out.disk = first;
    out.effect = effect;
    out.operations = {operation};
    out.by = milliseconds(300);
    return out;
  }

  std::string run;
  RunLock lock;
  DataFolder data;
  fs::path log;
  NodeDisks disks;
};

std::size_t mounts_of(const std::string& run) {
  std::size_t count = 0;
  for (const auto& mounted : disks::parse_mountinfo(file_text("/proc/self/mountinfo").value_or("")))
    count += mounted.at.string().find(run) != std::string::npos ? 1 : 0;
  return count;
}

TEST_CASE("disks: a power cut takes what was written without fsync, and nothing else") {
  if (const auto why = no_disks()) SEATRIAL_SKIP(*why);
  Rig rig("power");
  CHECK(rig.disks.of(node) == std::vector{first, second});
  CHECK(rig.disks.of(NodeId(2)).empty());
  REQUIRE(rig.writes(first, "before"));
  rig.disks.keep_all();
  REQUIRE(rig.writes(first, "synced", "conv=fsync"));
  REQUIRE(rig.writes(first, "unsynced"));
  REQUIRE(rig.writes(second, "unsynced"));
  const Instant cut = now();
  rig.disks.cut({first});
  const PowerLoss loss = rig.disks.remount(first);
  WARN("from the cut until it was mounted again: " << format_duration(now() - cut));
  CHECK(rig.size(first, "before") == 100'000);
  CHECK(rig.size(first, "synced") == 100'000);
  CHECK(rig.size(first, "unsynced") == 0);
  CHECK(rig.size(second, "unsynced") == 100'000);
  CHECK(loss.unwritten >= 100'000);  // the page cache had it, and gave it to a disk without power
  CHECK(rig.disks.remount(first) == PowerLoss{});
  CHECK(rig.size(first, "synced") == 100'000);
}

TEST_CASE("disks: what a disk was given and not told to keep goes, too") {
  if (const auto why = no_disks()) SEATRIAL_SKIP(*why);
  Rig rig("given");
  rig.disks.keep_all();
  const auto slow = rig.disks.add(rig.rule(DiskRule::Effect::fail, DiskOperation::flush));
  CHECK_FALSE(rig.writes(first, "asked", "conv=fsync"));  // written, and never flushed
  rig.disks.remove(slow);
  rig.disks.cut({first});
  const PowerLoss loss = rig.disks.remount(first);
  CHECK(loss.unflushed >= 100'000);
  CHECK(rig.size(first, "asked") == 0);
  CHECK(rig.disks.try_out(first) == DiskState::writable);
}

TEST_CASE("disks: while the power is cut an fsync neither succeeds nor returns") {
  if (const auto why = no_disks()) SEATRIAL_SKIP(*why);
  Rig rig("held");
  rig.disks.cut({first});
  const fs::path file = rig.disks.root(first) / "late";
  auto program = Child::spawn({.argv = {"dd", "if=/dev/zero", "of=" + file.string(), "count=1",
                                        "conv=fsync", "status=none"},
                               .env = {},
                               .cwd = {},
                               .output = rig.log});
  REQUIRE(program);
  CHECK_FALSE((*program)->wait(milliseconds(300)));
  (*program)->kill_group();
  rig.disks.release({first});
  REQUIRE((*program)->wait(seconds(10)));
  CHECK((*program)->state().signal == SIGKILL);
  static_cast<void>(rig.disks.remount(first));
  CHECK_FALSE(fs::exists(file));
}

TEST_CASE("disks: slow, failing, full and read-only, and well again") {
  if (const auto why = no_disks()) SEATRIAL_SKIP(*why);
  Rig rig("conduct");
  NodeDisks& disks = rig.disks;
  const auto slow = disks.add(rig.rule(DiskRule::Effect::delay, DiskOperation::flush));
  const Instant begun = now();
  CHECK(rig.writes(first, "slow", "conv=fsync"));
  CHECK(now() - begun >= milliseconds(300));
  CHECK(disks.counted(slow).operations > 0);
  disks.remove(slow);

  disks.fill(first, 0);
  CHECK(disks.try_out(first) == DiskState::full);
  CHECK(disks.try_out(second) == DiskState::writable);
  CHECK_FALSE(rig.writes(first, "none"));
  disks.unfill(first);
  disks.unfill(first);
  CHECK(rig.writes(first, "room"));

  disks.make_read_only(first);
  CHECK(disks.try_out(first) == DiskState::read_only);
  CHECK_FALSE(rig.writes(first, "none"));
  static_cast<void>(disks.remount(first));
  CHECK(rig.writes(first, "after", "conv=fsync"));

  const auto broken = disks.add(rig.rule(DiskRule::Effect::fail, DiskOperation::write));
  CHECK_FALSE(rig.writes(first, "broken", "conv=fsync"));
  CHECK(disks.counted(broken).operations > 0);
  disks.remove(broken);
  static_cast<void>(disks.remount(first));
  CHECK(rig.writes(first, "well", "conv=fsync"));
}

TEST_CASE("disks: what the page cache has forgotten is read from the disk again") {
  if (const auto why = no_disks()) SEATRIAL_SKIP(*why);
  Rig rig("cold");
  REQUIRE(rig.writes(first, "kept", "conv=fsync"));
  REQUIRE(rig.writes(first, "dirty"));
  const auto seen = rig.disks.add(rig.rule(DiskRule::Effect::delay, DiskOperation::read));
  const auto read = [&] { return file_text(rig.disks.root(first) / "kept").value_or("").size(); };
  CHECK(read() == 100'000);
  CHECK(rig.disks.counted(seen).operations == 0);
  CHECK(rig.disks.drop_cache(first) >= 100'000);
  CHECK(read() == 100'000);
  CHECK(rig.disks.counted(seen).bytes >= 100'000);
  CHECK(rig.size(first, "dirty") == 100'000);
}

TEST_CASE("disks: what a killed process leaves mounted is swept, and only that", "[alone]") {
  if (const auto why = no_disks()) SEATRIAL_SKIP(*why);
  const Rig alive("alive");
  const pid_t other = fork();
  REQUIRE(other >= 0);
  if (other == 0) {
    const Rig rig("dead");  // of this process's own number
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(other, &status, 0) == other);
  const std::string dead = "test-dead-" + std::to_string(other);
  CHECK(WIFSIGNALED(status));
  // Two file systems for certain; the images under them the disks' own process may still unmount.
  CHECK(mounts_of(dead) >= 2);
  CHECK(sweep_disks().size() >= 2);
  CHECK(mounts_of(dead) == 0);
  CHECK(mounts_of(alive.run) == 4);
  static_cast<void>(sweep_data());
}

}  // namespace
}  // namespace seatrial::clusters
