// Images, loop devices and mounts, put up and taken down in their order.
#include "clusters/node_disks.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <ranges>
#include <utility>

#include "clusters/files.hpp"
#include "clusters/node_config.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/scope_guard.hpp"
#include "disks/block_mount.hpp"
#include "disks/disk_process.hpp"
#include "disks/page_cache.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

// A container's engine may take long to let go of what was bound into it.
constexpr auto unmount_patience = seconds(30);
constexpr auto tool_budget = seconds(60);
constexpr const char* filler = "filler";  // what takes the room on a full disk

[[noreturn]] void disk_trouble(const std::string& what) {
  throw InfrastructureError(what + ": " + std::strerror(errno));
}

// They live in sbin, which is not in everybody's PATH.
std::string ext4_tool(const std::string& name) {
  return find_program(name).value_or("/usr/sbin/" + name).string();
}

void make_image(const fs::path& image) {
  const int fd = open(image.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) disk_trouble("cannot make " + image.string());
  const ScopeGuard closing([fd]() noexcept { close(fd); });
  if (ftruncate(fd, static_cast<off_t>(disk_bytes)) != 0)
    disk_trouble("cannot make " + image.string());
  // Nothing is initialised later, in the background: the image is zeros.
  const auto made = run_tool(
      {ext4_tool("mkfs.ext4"), "-q", "-F", "-b", "4096", "-m", "0", "-i", "65536", "-J", "size=64",
       "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", image.string()},
      tool_budget);
  if (!made.ok()) throw InfrastructureError("mkfs.ext4 failed: " + made.complaint());
}

void make_empty_file(const fs::path& file) { write_file(file, "", Readers::owner); }

// Exit code 1: errors were found and corrected.
void check_file_system(const fs::path& device) {
  const auto checked = run_tool({ext4_tool("e2fsck"), "-p", device.string()}, tool_budget);
  if (checked.timed_out || checked.status.exit_code.value_or(8) > 1)
    throw InfrastructureError("e2fsck cannot repair " + device.string() + ": " +
                              checked.complaint());
}

// The run of a folder `seatrial-RUN-NUMBER`; empty if it is none of ours.
std::string run_of_folder(const std::string& name) {
  constexpr std::string_view prefix = "seatrial-";
  const auto dash = name.rfind('-');
  if (!name.starts_with(prefix) || dash < prefix.size() || dash + 1 == name.size()) return {};
  const bool numbered =
      std::ranges::all_of(name.substr(dash + 1), [](unsigned char c) { return std::isdigit(c); });
  return numbered ? name.substr(prefix.size(), dash - prefix.size()) : std::string();
}

// Of what could be ours only what is: our images, and ext4 on loop devices.
std::string run_of_mount(const disks::Mounted& mounted) {
  const bool image = mounted.type == "fuse.seatrial";
  const bool on_image = mounted.type == "ext4" && mounted.source.starts_with("/dev/loop");
  if (!image && !on_image) return {};
  return run_of_folder(mounted.at.parent_path().filename().string());
}

bool may_mount() {
  const auto status = file_text("/proc/self/status").value_or("");
  const auto at = status.find("CapEff:\t");
  if (at == std::string::npos || geteuid() != 0) return false;
  // 16 digits, of which the sixth from the right has CAP_SYS_ADMIN, bit 21.
  const char digit = status[at + std::strlen("CapEff:\t") + 10];
  const int value =
      std::isdigit(static_cast<unsigned char>(digit)) != 0 ? digit - '0' : digit - 'a' + 10;
  return (value & 2) != 0;
}

}  // namespace

NodeDisks::NodeDisks(DiskPlaces places, const std::map<DiskId, std::string>& names)
    : places_(std::move(places)) {
  auto child = Child::spawn({.argv = {places_.program.string(), disks::disks_verb},
                             .env = {{run_variable, places_.run_id}},
                             .cwd = {},
                             .output = places_.log,
                             .in = link_.far_end(),
                             .out = nullptr});
  if (!child) throw InfrastructureError("serving disks: " + child.error().message);
  process_ = std::move(*child);
  link_.started();
  try {
    for (const auto& [id, name] : names) make(id, name);
  } catch (...) {
    for (const auto& line : down()) notice(line);
    throw;
  }
}

NodeDisks::~NodeDisks() {
  for (const auto& line : down()) notice(line);
}

void NodeDisks::make(DiskId id, const std::string& name) {
  auto& disk = *(disks_[id] = std::make_unique<Disk>());
  disk.root = places_.folder / name;
  disk.image = places_.folder / (name + ".image");
  disk.device = places_.folder / (name + ".device");
  make_image(disk.image);
  make_empty_file(disk.device);
  fs::create_directory(disk.root);
  link_.serve(id,
              {.image = disk.image, .device = disk.device, .label = "seatrial-" + places_.run_id});
  mount_anew(disk, false);
}

void NodeDisks::mount_anew(Disk& disk, bool damaged) {
  const disks::LoopDevice loop(disk.device);
  if (damaged) check_file_system(loop.path());
  disks::mount_ext4(loop.path(), disk.root);
  disk.block = loop.name();
}

fs::path NodeDisks::root(DiskId disk) const { return disk_of(disk).root; }

void NodeDisks::keep_all() const {
  for (const auto& disk : disks_ | std::views::values) {
    const int fd = open(disk->root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) disk_trouble("cannot open " + disk->root.string());
    const ScopeGuard closing([fd]() noexcept { close(fd); });
    if (syncfs(fd) != 0) disk_trouble("cannot sync " + disk->root.string());
  }
}

// What is still unwritten goes nowhere, and so takes no time.
std::vector<std::string> NodeDisks::down() noexcept {
  std::vector<std::string> undone;
  try {
    for (const auto& [id, disk] : disks_) {
      try {
        link_.cut({id});
        link_.release({id});
      } catch (const std::exception&) {  // the process is gone, or does not serve this one yet
      }
      if (!disks::unmount(disk->root, seconds(2))) {
        undone.push_back(disk->root.string() + " was in use when it was unmounted");
        disks::unmount_at_once(disk->root);
      }
      disks::unmount_at_once(disk->device);
    }
    link_.hang_up();
    if (process_ && !process_->wait(seconds(10))) process_->kill_group();
    process_.reset();
    disks_.clear();
  } catch (const std::exception& error) {
    undone.push_back(std::string("disks not taken down: ") + error.what());
  }
  return undone;
}

std::vector<DiskId> NodeDisks::of(NodeId node) const {
  std::vector<DiskId> out;
  for (const DiskId id : disks_ | std::views::keys)
    if (id.node == node) out.push_back(id);
  return out;
}

Disks::RuleId NodeDisks::add(const DiskRule& rule) { return link_.add(rule); }

void NodeDisks::remove(RuleId rule) { link_.remove(rule); }

DiskRuleCounters NodeDisks::counted(RuleId rule) const { return link_.counted(rule); }

void NodeDisks::cut(const std::vector<DiskId>& disks) {
  const auto dropped = link_.cut(disks);
  const std::lock_guard lock(mutex_);
  for (const auto& [id, bytes] : dropped) disk_of(id).dropped += bytes;
}

void NodeDisks::release(const std::vector<DiskId>& disks) { link_.release(disks); }

PowerLoss NodeDisks::remount(DiskId id) {
  Disk& disk = disk_of(id);
  const std::lock_guard lock(disk.mutex);
  link_.release({id});  // else nobody could unmount it
  const bool damaged = disks::errors_met(disk.block) > 0;
  if (!disks::unmount(disk.root, unmount_patience) ||
      !disks::await_free(disk.block, disk.device, unmount_patience))
    throw InfrastructureError(disk.root.string() + " is still in use, and cannot be mounted anew");
  PowerLoss loss;
  loss.unwritten = link_.power_on(id);
  {
    const std::lock_guard guard(mutex_);
    loss.unflushed = std::exchange(disk.dropped, 0);
  }
  mount_anew(disk, damaged);
  return loss;
}

void NodeDisks::fill(DiskId id, std::uint64_t leave) {
  const fs::path file = disk_of(id).root / filler;
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) disk_trouble("cannot make " + file.string());
  const ScopeGuard closing([fd]() noexcept { close(fd); });
  constexpr std::uint64_t block = 4096;
  auto end = static_cast<std::uint64_t>(lseek(fd, 0, SEEK_END));
  for (std::uint64_t most = disk_bytes; most >= block;) {
    const std::uint64_t there = free_bytes(id);
    const std::uint64_t take = std::min(most, there - std::min(there, leave)) / block * block;
    if (take == 0) return;
    if (fallocate(fd, 0, static_cast<off_t>(end), static_cast<off_t>(take)) == 0) end += take;
    else if (errno == ENOSPC) most = take / 2;  // what the file system keeps for itself
    else disk_trouble("cannot fill " + file.string());
  }
}

void NodeDisks::unfill(DiskId id) {
  const fs::path file = disk_of(id).root / filler;
  if (unlink(file.c_str()) != 0 && errno != ENOENT) disk_trouble("cannot remove " + file.string());
}

void NodeDisks::make_read_only(DiskId id) {
  const Disk& disk = disk_of(id);
  const std::lock_guard lock(disk.mutex);
  const fs::path trigger = fs::path("/sys/fs/ext4") / disk.block / "trigger_fs_error";
  std::ofstream out(trigger);
  out << "by seatrial" << std::flush;
  if (!out) disk_trouble("cannot write " + trigger.string());
}

std::uint64_t NodeDisks::drop_cache(DiskId id) {
  return disks::drop_cached_pages(disk_of(id).root);
}

// Without syncing anything: that would keep what a power cut is to take.
DiskState NodeDisks::try_out(DiskId id) const {
  const fs::path file = disk_of(id).root / "probe";
  const auto met = [] {
    if (errno == ENOSPC) return DiskState::full;
    return errno == EROFS ? DiskState::read_only : DiskState::failing;
  };
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return met();
  const ScopeGuard closing([fd, &file]() noexcept {
    close(fd);
    unlink(file.c_str());
  });
  const std::array<char, 4096> block{};
  return write(fd, block.data(), block.size()) < 0 ? met() : DiskState::writable;
}

std::uint64_t NodeDisks::free_bytes(DiskId id) const {
  struct statvfs about {};
  if (statvfs(disk_of(id).root.c_str(), &about) != 0)
    disk_trouble("cannot look at " + disk_of(id).root.string());
  return about.f_bavail * about.f_frsize;
}

fs::path data_on_disk(const fs::path& folder, const std::string& name) {
  return folder / name / "data";
}

std::unique_ptr<NodeDisks> disks_under(const ClusterSetting& setting, const fs::path& folder) {
  if (!setting.spec.gear.contains(Gear::disks)) return nullptr;
  std::map<DiskId, std::string> names;
  for (const auto& node : node_list(setting.spec)) {
    int dir = 0;
    for (auto& name : folder_names(setting.spec, node))
      names.emplace(DiskId{.node = node.id, .dir = ++dir}, std::move(name));
  }
  return std::make_unique<NodeDisks>(
      DiskPlaces{.folder = folder, .run_id = setting.run_id, .log = setting.work_dir / "disks.log"},
      names);
}

std::vector<std::string> take_down(std::unique_ptr<NodeDisks>& disks,
                                   std::unique_ptr<DataFolder>& folder) noexcept {
  std::vector<std::string> undone;
  if (disks) undone = disks->down();
  disks.reset();
  if (auto trouble = folder ? folder->remove() : std::nullopt) undone.push_back(*trouble);
  folder.reset();
  return undone;
}

std::optional<std::string> no_disks() {
  if (!may_mount()) return "only root may mount disks; run as root";
  if (access("/dev/fuse", R_OK | W_OK) != 0)
    return "there is no /dev/fuse; load the module fuse, or give it to the container";
  if (access("/dev/loop-control", R_OK | W_OK) != 0)
    return "there is no /dev/loop-control; load the module loop, or give it to the container";
  for (const char* tool : {"mkfs.ext4", "e2fsck"}) {
    if (!find_program(ext4_tool(tool)))
      return std::string(tool) + " is not installed; apt-get install -y e2fsprogs";
  }
  return std::nullopt;
}

std::vector<std::string> sweep_disks() {
  std::vector<std::string> lines;
  auto mounts = disks::parse_mountinfo(file_text("/proc/self/mountinfo").value_or(""));
  for (const auto& mounted : mounts | std::views::reverse) {  // what lies on another first
    const std::string run = run_of_mount(mounted);
    if (run.empty() || run_is_alive(run)) continue;
    disks::unmount_at_once(mounted.at);
    const auto device = fs::path(mounted.source).filename().string();
    if (!disks::await_free(device, mounted.at.string() + ".device", unmount_patience))
      lines.push_back("could not free " + mounted.source + ", which is still in use");
    lines.push_back("disk " + mounted.at.string() + " of run " + run);
  }
  return lines;
}

}  // namespace seatrial::clusters
