// One disk: a file that the kernel mounts by FUSE, served from an ImageStore over a plain file. A
// loop device makes it a block device, and on that lies a file system, whose flushes arrive here.
//
// Power has three states. While it is held, after a cut, no read, write or flush is answered: an
// fsync that came too late must not succeed, and it ends only when its process has been killed.
// Then it is off: everything succeeds and nothing is kept, so that what still has the file system
// mounted can let go of it. Reads then tell what was flushed.
//
// Threads of its own answer the kernel; calls may come from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "disks/conduct.hpp"
#include "disks/fuse_messages.hpp"
#include "disks/image_store.hpp"

namespace seatrial::disks {

struct ImageSpec {
  std::filesystem::path image;   // a file as large as the disk: what was flushed
  std::filesystem::path device;  // a file, over which the disk is mounted
  std::string label;             // as which it stands in the list of mounts
};

class ImageServer {
 public:
  // Mounts it. Throws InfrastructureError.
  explicit ImageServer(const ImageSpec& spec);
  ~ImageServer();  // takes it away, also from who uses it
  ImageServer(const ImageServer&) = delete;
  ImageServer& operator=(const ImageServer&) = delete;

  void hold();                     // the power is cut
  std::uint64_t drop_unflushed();  // after hold: bytes that are gone
  void release();                  // held to off
  std::uint64_t power_on();        // bytes that were written since the cut
  void add(Disks::RuleId id, const DiskRule& rule);
  void remove(Disks::RuleId id);
  [[nodiscard]] DiskRuleCounters counted(Disks::RuleId id) const;

 private:
  enum class Power { on, held, off };
  struct CloseDescriptor {
    explicit CloseDescriptor(int descriptor) : fd(descriptor) {}
    ~CloseDescriptor();
    CloseDescriptor(const CloseDescriptor&) = delete;
    CloseDescriptor& operator=(const CloseDescriptor&) = delete;
    const int fd;
  };

  void mount_device() const;
  void serve();
  void answer(const FuseRequest& request, std::vector<std::byte>& room);
  // Returns an errno; 0 is success.
  int perform(DiskOperation operation, const FuseRequest& request, std::span<std::byte> into);
  int carry_out(DiskOperation operation, const FuseRequest& request, std::span<std::byte> into);
  void send(std::span<const std::byte> header, std::span<const std::byte> payload = {}) const;

  const ImageSpec spec_;
  const CloseDescriptor fuse_;
  const std::unique_ptr<Medium> medium_;
  mutable std::mutex mutex_;  // guards all below but the threads
  std::condition_variable changed_;
  ImageStore store_;
  Conduct conduct_;
  Power power_ = Power::on;
  std::uint64_t discarded_ = 0;
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace seatrial::disks
