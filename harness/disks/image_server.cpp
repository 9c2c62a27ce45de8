// Reading requests from /dev/fuse, and answering them.
#include "disks/image_server.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "core/check.hpp"

namespace seatrial::disks {
namespace {

// A loop device asks for little at once; so many may wait by rules, or for a cut to end.
constexpr int serving_threads = 4;

[[noreturn]] void system_failure(const std::string& what) {
  throw InfrastructureError(what + ": " + std::strerror(errno));
}

int open_both_ways(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) system_failure("cannot open " + path.string());
  return fd;
}

class FileMedium final : public Medium {
 public:
  explicit FileMedium(const std::filesystem::path& file) : fd_(open_both_ways(file)) {}
  ~FileMedium() override { close(fd_); }
  FileMedium(const FileMedium&) = delete;
  FileMedium& operator=(const FileMedium&) = delete;

  void read(std::uint64_t offset, std::span<std::byte> into) override {
    while (!into.empty()) {
      const auto got = pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
      advance(got, offset, into);
    }
  }
  void write(std::uint64_t offset, std::span<const std::byte> data) override {
    while (!data.empty()) {
      const auto got = pwrite(fd_, data.data(), data.size(), static_cast<off_t>(offset));
      advance(got, offset, data);
    }
  }

 private:
  template <class Span>
  static void advance(ssize_t got, std::uint64_t& offset, Span& rest) {
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) throw std::system_error(got == 0 ? EIO : errno, std::generic_category());
    offset += static_cast<std::uint64_t>(got);
    rest = rest.subspan(static_cast<std::size_t>(got));
  }
  int fd_;
};

std::uint64_t size_of(const std::filesystem::path& file) {
  struct stat about {};
  if (stat(file.c_str(), &about) != 0) system_failure("cannot look at " + file.string());
  return static_cast<std::uint64_t>(about.st_size);
}

}  // namespace

ImageServer::CloseDescriptor::~CloseDescriptor() { close(fd); }

ImageServer::ImageServer(const ImageSpec& spec)
    : spec_(spec),
      fuse_(open_both_ways("/dev/fuse")),
      medium_(std::make_unique<FileMedium>(spec.image)),
      store_(*medium_, size_of(spec.image)) {
  mount_device();
  for (int i = 0; i < serving_threads; ++i) threads_.emplace_back([this] { serve(); });
}

// Aborts the connection, so that whoever waits for an answer gets an error and our threads end.
ImageServer::~ImageServer() {
  {
    const std::lock_guard lock(mutex_);
    power_ = Power::off;
    changed_.notify_all();
  }
  umount2(spec_.device.c_str(), MNT_FORCE | MNT_DETACH);
}

void ImageServer::mount_device() const {
  const std::string options =
      "fd=" + std::to_string(fuse_.fd) +
      ",rootmode=100000,user_id=0,group_id=0,max_read=" + std::to_string(most_bytes_at_once);
  if (mount(spec_.label.c_str(), spec_.device.c_str(), "fuse.seatrial", MS_NOSUID | MS_NODEV,
            options.c_str()) != 0)
    system_failure("cannot mount " + spec_.device.string());
}

void ImageServer::serve() {
  std::vector<std::byte> message(largest_request), room(most_bytes_at_once);
  while (true) {
    const auto got = read(fuse_.fd, message.data(), message.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT)) continue;
    if (got <= 0) return;  // unmounted
    const auto request = parse_request(std::span(message).first(static_cast<std::size_t>(got)));
    if (!request) {
      std::fprintf(stderr, "a request of the kernel could not be read\n");
      return;
    }
    answer(*request, room);
  }
}

void ImageServer::answer(const FuseRequest& request, std::vector<std::byte>& room) {
  using Kind = FuseRequest::Kind;
  const auto plain = [&](int error) { send(answer_header(request.unique, error)); };
  if (!request.kind) return plain(ENOSYS);
  switch (*request.kind) {
    case Kind::init: return send(answer_init(request));
    case Kind::attributes: return send(answer_attributes(request.unique, store_.size()));
    case Kind::open: return send(answer_open(request.unique));
    case Kind::room: return send(answer_room(request.unique, store_.size()));
    case Kind::flush: return plain(perform(DiskOperation::flush, request, {}));
    case Kind::done: return plain(0);
    case Kind::unanswered: return;
    case Kind::write: {
      const int error = perform(DiskOperation::write, request, {});
      return error != 0 ? plain(error) : send(answer_write(request.unique, request.size));
    }
    case Kind::read: {
      const auto into = std::span(room).first(request.size);
      const int error = perform(DiskOperation::read, request, into);
      if (error != 0) return plain(error);
      return send(answer_header(request.unique, 0, into.size()), into);
    }
  }
}

int ImageServer::perform(DiskOperation operation, const FuseRequest& request,
                         std::span<std::byte> into) {
  std::unique_lock lock(mutex_);
  Conduct::Decision decision;
  if (power_ == Power::on) decision = conduct_.decide(operation, request.size);
  if (decision.delay > nanoseconds{0}) {
    const auto removals = conduct_.removals();
    changed_.wait_until(lock, now() + decision.delay,
                        [&] { return power_ != Power::on || conduct_.removals() != removals; });
  }
  changed_.wait(lock, [&] { return power_ != Power::held; });
  if (decision.fails && power_ == Power::on) return EIO;
  try {
    return carry_out(operation, request, into);
  } catch (const std::out_of_range&) {
    return EINVAL;
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "%s: %s\n", spec_.image.c_str(), error.what());
    return error.code().value();
  }
}

int ImageServer::carry_out(DiskOperation operation, const FuseRequest& request,
                           std::span<std::byte> into) {
  if (operation == DiskOperation::read) store_.read(request.offset, into);
  else if (power_ == Power::off) discarded_ += request.size;  // a flush has none
  else if (operation == DiskOperation::write) store_.write(request.offset, request.data);
  else store_.flush();
  return 0;
}

void ImageServer::send(std::span<const std::byte> header,
                       std::span<const std::byte> payload) const {
  const std::array<iovec, 2> parts{iovec{const_cast<std::byte*>(header.data()), header.size()},
                                   iovec{const_cast<std::byte*>(payload.data()), payload.size()}};
  const auto sent = writev(fuse_.fd, parts.data(), payload.empty() ? 1 : 2);
  // Who asked may be gone, or the disk unmounted.
  if (sent < 0 && errno != ENOENT && errno != ENODEV && errno != ECONNABORTED)
    std::fprintf(stderr, "an answer to the kernel was refused: %s\n", std::strerror(errno));
}

void ImageServer::hold() {
  const std::lock_guard lock(mutex_);
  if (power_ == Power::on) power_ = Power::held;
  changed_.notify_all();
}

std::uint64_t ImageServer::drop_unflushed() {
  const std::lock_guard lock(mutex_);
  check(power_ != Power::on, "only a disk without power forgets");
  return store_.drop();
}

void ImageServer::release() {
  const std::lock_guard lock(mutex_);
  if (power_ == Power::held) power_ = Power::off;
  changed_.notify_all();
}

std::uint64_t ImageServer::power_on() {
  const std::lock_guard lock(mutex_);
  power_ = Power::on;
  changed_.notify_all();
  return std::exchange(discarded_, 0);
}

void ImageServer::add(Disks::RuleId id, const DiskRule& rule) {
  const std::lock_guard lock(mutex_);
  conduct_.add(id, rule);
}

void ImageServer::remove(Disks::RuleId id) {
  const std::lock_guard lock(mutex_);
  conduct_.remove(id);
  changed_.notify_all();
}

DiskRuleCounters ImageServer::counted(Disks::RuleId id) const {
  const std::lock_guard lock(mutex_);
  return conduct_.counted(id);
}

}  // namespace seatrial::disks
