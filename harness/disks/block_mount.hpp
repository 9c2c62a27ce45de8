// From a file to a mounted file system and back: loop devices and mounts, by system calls. A loop
// device lets go of its file by itself as soon as nothing is mounted from it, however that came
// about, so that there is nothing else to clean up. Needs root. Calls throw InfrastructureError.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace seatrial::disks {

// A loop device with a file behind it, while the object lives or something is mounted from it.
class LoopDevice {
 public:
  explicit LoopDevice(const std::filesystem::path& file);
  ~LoopDevice();
  LoopDevice(const LoopDevice&) = delete;
  LoopDevice& operator=(const LoopDevice&) = delete;
  [[nodiscard]] std::string name() const { return "loop" + std::to_string(number_); }
  [[nodiscard]] std::filesystem::path path() const { return "/dev/" + name(); }

 private:
  bool take(int number, int file);
  int number_ = -1;
  int fd_ = -1;
};

// As ext4, which on its first error takes no more writes.
void mount_ext4(const std::filesystem::path& device, const std::filesystem::path& onto);
// Waits for who still uses it; false if that took longer than `patience`. Nothing to do where
// nothing is mounted.
[[nodiscard]] bool unmount(const std::filesystem::path& mounted, nanoseconds patience);
// Takes it away from who uses it.
void unmount_at_once(const std::filesystem::path& mounted) noexcept;
// Whether `device` (loop0) let go of `file` within `patience`.
[[nodiscard]] bool await_free(const std::string& device, const std::filesystem::path& file,
                              nanoseconds patience);
// What the file system on it met: its own count of errors.
[[nodiscard]] std::uint64_t errors_met(const std::string& device);

struct Mounted {
  std::filesystem::path at;
  std::string type;    // ext4, fuse.seatrial
  std::string source;  // a device, or a label
  friend bool operator==(const Mounted&, const Mounted&) = default;
};
// Of the text of /proc/self/mountinfo, in its order: what lies on another comes later.
[[nodiscard]] std::vector<Mounted> parse_mountinfo(std::string_view text);

}  // namespace seatrial::disks
