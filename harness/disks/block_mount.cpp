// ioctl, mount and umount2, with the waiting that they need.
#include "disks/block_mount.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/scope_guard.hpp"
#include "core/units.hpp"

namespace seatrial::disks {
namespace {

namespace fs = std::filesystem;

constexpr auto look_again = milliseconds(2);

[[noreturn]] void refuse_mounting(const std::string& what) {
  throw InfrastructureError(what + ": " + std::strerror(errno));
}

template <class Reached>
bool wait_until_it(const Reached& reached, nanoseconds patience) {
  const Instant deadline = now() + patience;
  while (!reached()) {
    if (now() >= deadline) return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

// mountinfo writes blanks, tabs, newlines and backslashes as \ooo.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 3 >= text.size()) {
      out += text[i];
      continue;
    }
    const auto digit = [&](std::size_t at) { return text[i + at] - '0'; };
    out += static_cast<char>(digit(1) * 64 + digit(2) * 8 + digit(3));
    i += 3;
  }
  return out;
}

std::string_view next_word(std::string_view& line) {
  const auto blank = std::min(line.find(' '), line.size());
  const auto word = line.substr(0, blank);
  line.remove_prefix(std::min(blank + 1, line.size()));
  return word;
}

std::optional<Mounted> parse_mount(std::string_view line) {
  Mounted out;
  for (int i = 0; i < 4; ++i) next_word(line);
  out.at = unescaped(next_word(line));
  const auto dash = line.find(" - ");
  if (out.at.empty() || dash == std::string_view::npos) return std::nullopt;
  line.remove_prefix(dash + 3);
  out.type = next_word(line);
  out.source = unescaped(next_word(line));
  return out;
}

}  // namespace

// Others may take a free one between the question and the answer.
LoopDevice::LoopDevice(const fs::path& file) {
  const int backing = open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (backing < 0) refuse_mounting("cannot open " + file.string());
  const ScopeGuard closing([backing]() noexcept { close(backing); });
  const int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
  if (control < 0) refuse_mounting("cannot open /dev/loop-control");
  const ScopeGuard closing_control([control]() noexcept { close(control); });
  for (int attempt = 0; attempt < 20; ++attempt) {
    const int number = ioctl(control, LOOP_CTL_GET_FREE);
    if (number < 0) refuse_mounting("no loop device is free");
    if (take(number, backing)) return;
    std::this_thread::sleep_for(look_again);
  }
  refuse_mounting("no loop device could be had for " + file.string());
}

bool LoopDevice::take(int number, int file) {
  const std::string node = "/dev/loop" + std::to_string(number);
  const int fd = open(node.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) refuse_mounting("cannot open " + node);
  loop_config config{};
  config.fd = static_cast<std::uint32_t>(file);
  config.block_size = 4096;
  config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
  if (ioctl(fd, LOOP_CONFIGURE, &config) == 0) {
    number_ = number;
    fd_ = fd;
    return true;
  }
  const int why = errno;
  close(fd);
  errno = why;
  if (why != EBUSY) refuse_mounting("cannot put " + node + " to use");
  return false;
}

LoopDevice::~LoopDevice() { close(fd_); }

void mount_ext4(const fs::path& device, const fs::path& onto) {
  if (mount(device.c_str(), onto.c_str(), "ext4", MS_NOSUID | MS_NODEV | MS_NOATIME,
            "errors=remount-ro,noinit_itable") != 0)
    refuse_mounting("cannot mount " + device.string() + " on " + onto.string());
}

bool unmount(const fs::path& mounted, nanoseconds patience) {
  return wait_until_it(
      [&] {
        if (umount2(mounted.c_str(), UMOUNT_NOFOLLOW) == 0) return true;
        if (errno == EINVAL || errno == ENOENT) return true;  // nothing is mounted there
        if (errno == EBUSY) return false;
        refuse_mounting("cannot unmount " + mounted.string());
      },
      patience);
}

void unmount_at_once(const fs::path& mounted) noexcept {
  umount2(mounted.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
}

bool await_free(const std::string& device, const fs::path& file, nanoseconds patience) {
  const fs::path backing = fs::path("/sys/block") / device / "loop" / "backing_file";
  // Others may have it by then.
  const auto let_go = [&] { return file_text(backing).value_or("") != file.string() + "\n"; };
  return wait_until_it(let_go, patience);
}

std::uint64_t errors_met(const std::string& device) {
  const auto text = file_text(fs::path("/sys/fs/ext4") / device / "errors_count").value_or("0\n");
  const auto count = parse_integer(std::string_view(text).substr(0, text.find('\n')));
  return count ? static_cast<std::uint64_t>(*count) : 0;
}

std::vector<Mounted> parse_mountinfo(std::string_view text) {
  std::vector<Mounted> out;
  while (!text.empty()) {
    const auto newline = std::min(text.find('\n'), text.size());
    if (auto mounted = parse_mount(text.substr(0, newline))) out.push_back(std::move(*mounted));
    text.remove_prefix(std::min(newline + 1, text.size()));
  }
  return out;
}

}  // namespace seatrial::disks
