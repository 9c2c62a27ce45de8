// Disks of ours under the log dirs of a cluster on this machine: for each an image, a loop device
// on it, and ext4 on that, so that files, mapped indexes and the replay of the journal are the
// kernel's own. Containers have theirs bound into them.
// Everything lies in one folder, which is the cluster's data folder and names its run: by that, a
// later start finds what a killed harness left mounted.
//
// Needs root, /dev/fuse, loop devices and e2fsprogs.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "clusters/leftovers.hpp"
#include "clusters/process.hpp"
#include "core/cluster.hpp"
#include "core/disks.hpp"
#include "disks/disk_link.hpp"

namespace seatrial::clusters {

inline constexpr std::uint64_t disk_bytes = 8ULL << 30;  // of which only what is written takes room

struct DiskPlaces {
  std::filesystem::path folder;  // a DataFolder's
  std::string run_id;
  std::filesystem::path log;  // what the process that serves the disks has to say
  std::filesystem::path program = "/proc/self/exe";  // that knows the verb for it
};

class NodeDisks final : public Disks {
 public:
  // Makes and mounts each, by its name (broker-1). Throws InfrastructureError.
  NodeDisks(DiskPlaces places, const std::map<DiskId, std::string>& names);
  ~NodeDisks() override;
  // Where the node's file system is mounted; `folder`/broker-1.
  [[nodiscard]] std::filesystem::path root(DiskId disk) const;
  // What was written until now survives every power cut.
  void keep_all() const;
  // Takes everything away; what could not be is returned. Idempotent.
  std::vector<std::string> down() noexcept;

  [[nodiscard]] std::vector<DiskId> of(NodeId node) const override;
  [[nodiscard]] RuleId add(const DiskRule& rule) override;
  void remove(RuleId rule) override;
  [[nodiscard]] DiskRuleCounters counted(RuleId rule) const override;
  void cut(const std::vector<DiskId>& disks) override;
  void release(const std::vector<DiskId>& disks) override;
  PowerLoss remount(DiskId disk) override;
  void fill(DiskId disk, std::uint64_t leave) override;
  void unfill(DiskId disk) override;
  void make_read_only(DiskId disk) override;
  std::uint64_t drop_cache(DiskId disk) override;
  [[nodiscard]] DiskState try_out(DiskId disk) const override;
  [[nodiscard]] std::uint64_t free_bytes(DiskId disk) const override;

 private:
  struct Disk {
    std::filesystem::path image, device, root;
    std::string block;          // loop0; empty: it never had one
    mutable std::mutex mutex;   // one at a time takes it off and mounts it
    std::uint64_t dropped = 0;  // by the last cut; guarded by NodeDisks::mutex_
  };

  void make(DiskId id, const std::string& name);
  static void mount_anew(Disk& disk, bool damaged);
  [[nodiscard]] const Disk& disk_of(DiskId id) const { return *disks_.at(id); }
  [[nodiscard]] Disk& disk_of(DiskId id) { return *disks_.at(id); }

  const DiskPlaces places_;
  mutable disks::DiskLink link_;
  std::unique_ptr<Child> process_;
  std::map<DiskId, std::unique_ptr<Disk>> disks_;
  std::mutex mutex_;
};

// Where a node's own data lie on the disk of that name, beside what its file system has there.
[[nodiscard]] std::filesystem::path data_on_disk(const std::filesystem::path& folder,
                                                 const std::string& name);

// Under the nodes of a cluster whose setting wants it, else null; `folder` is a DataFolder's.
[[nodiscard]] std::unique_ptr<NodeDisks> disks_under(const ClusterSetting& setting,
                                                     const std::filesystem::path& folder);

// Both are null afterwards, and may be before; what could not be taken away is returned.
std::vector<std::string> take_down(std::unique_ptr<NodeDisks>& disks,
                                   std::unique_ptr<DataFolder>& folder) noexcept;

// Why no disks can be put under nodes here, with what to do about it; nothing if they can.
[[nodiscard]] std::optional<std::string> no_disks();

// Unmounts the disks of dead runs. One line for each.
std::vector<std::string> sweep_disks();

}  // namespace seatrial::clusters
