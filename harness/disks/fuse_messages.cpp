// Structures of linux/fuse.h, copied in and out of bytes.
#include "disks/fuse_messages.hpp"

#include <linux/fuse.h>
#include <sys/stat.h>

#include <cstring>

namespace seatrial::disks {
namespace {

using Kind = FuseRequest::Kind;
using Bytes = std::vector<std::byte>;

constexpr std::uint32_t least_minor = 31;
constexpr std::uint32_t disk_block = 4096;
constexpr std::uint64_t an_hour_s = 3600;  // nobody else changes the file: the kernel may remember

// Of fuse_init_in, which kernels lengthened, what all of them send.
struct InitBegin {
  std::uint32_t major, minor, max_readahead, flags;
};

template <class Part>
std::optional<Part> take(std::span<const std::byte>& from) {
  if (from.size() < sizeof(Part)) return std::nullopt;
  Part part;
  std::memcpy(&part, from.data(), sizeof part);
  from = from.subspan(sizeof part);
  return part;
}

template <class Part>
void put(Bytes& to, const Part& part) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&part);
  to.insert(to.end(), bytes, bytes + sizeof part);
}

template <class Part>
Bytes answer_with(std::uint64_t unique, const Part& part) {
  Bytes out = answer_header(unique, 0, sizeof part);
  put(out, part);
  return out;
}

std::optional<Kind> kind_of_request(std::uint32_t opcode) {
  switch (opcode) {
    case FUSE_INIT: return Kind::init;
    case FUSE_GETATTR:
    case FUSE_SETATTR: return Kind::attributes;
    case FUSE_OPEN: return Kind::open;
    case FUSE_READ: return Kind::read;
    case FUSE_WRITE: return Kind::write;
    case FUSE_FSYNC: return Kind::flush;
    case FUSE_STATFS: return Kind::room;
    case FUSE_FLUSH:  // of a file that is closed, which promises nothing
    case FUSE_RELEASE:
    case FUSE_DESTROY: return Kind::done;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: return Kind::unanswered;
    default: return std::nullopt;
  }
}

// Whether the body of the request holds what its kind says.
bool parse_body(std::span<const std::byte> body, FuseRequest& request) {
  if (request.kind == Kind::init) {
    const auto init = take<InitBegin>(body);
    if (!init) return false;
    request.minor = init->minor;
    request.readahead = init->max_readahead;
    return init->major == FUSE_KERNEL_VERSION && init->minor >= least_minor;
  }
  if (request.kind == Kind::read) {
    const auto read = take<fuse_read_in>(body);
    if (!read || read->size > most_bytes_at_once) return false;
    request.offset = read->offset;
    request.size = read->size;
  }
  if (request.kind == Kind::write) {
    const auto write = take<fuse_write_in>(body);
    if (!write || write->size > body.size()) return false;
    request.offset = write->offset;
    request.size = write->size;
    request.data = body.first(write->size);
  }
  return true;
}

}  // namespace

std::optional<FuseRequest> parse_request(std::span<const std::byte> message) {
  const std::size_t length = message.size();
  const auto header = take<fuse_in_header>(message);
  if (!header || header->len != length) return std::nullopt;
  FuseRequest request;
  request.kind = kind_of_request(header->opcode);
  request.unique = header->unique;
  if (!parse_body(message, request)) return std::nullopt;
  return request;
}

Bytes answer_header(std::uint64_t unique, int error, std::size_t payload) {
  fuse_out_header header{};
  header.len = static_cast<std::uint32_t>(sizeof header + payload);
  header.error = -error;
  header.unique = unique;
  Bytes out;
  put(out, header);
  return out;
}

// Writes go through at once (no FUSE_WRITEBACK_CACHE): what the file system above gave to the disk
// is then ours, and what it did not is in its own page cache.
Bytes answer_init(const FuseRequest& request) {
  fuse_init_out out{};
  out.major = FUSE_KERNEL_VERSION;
  out.minor = least_minor;
  out.max_readahead = request.readahead;
  out.flags = FUSE_BIG_WRITES | FUSE_MAX_PAGES;
  out.max_background = 64;
  out.congestion_threshold = 48;
  out.max_write = most_bytes_at_once;
  out.time_gran = 1;
  out.max_pages = most_bytes_at_once / disk_block;
  return answer_with(request.unique, out);
}

Bytes answer_attributes(std::uint64_t unique, std::uint64_t size) {
  fuse_attr_out out{};
  out.attr_valid = an_hour_s;
  out.attr.ino = FUSE_ROOT_ID;
  out.attr.size = size;
  out.attr.blocks = size / 512;
  out.attr.mode = S_IFREG | 0600;
  out.attr.nlink = 1;
  out.attr.blksize = disk_block;
  return answer_with(unique, out);
}

// Nothing of it is cached below the file system that lies on it: else what a power cut took would
// still be read from there.
Bytes answer_open(std::uint64_t unique) {
  fuse_open_out out{};
  out.open_flags = FOPEN_DIRECT_IO;
  return answer_with(unique, out);
}

Bytes answer_write(std::uint64_t unique, std::uint32_t size) {
  fuse_write_out out{};
  out.size = size;
  return answer_with(unique, out);
}

Bytes answer_room(std::uint64_t unique, std::uint64_t size) {
  fuse_statfs_out out{};
  out.st.blocks = size / disk_block;
  out.st.files = 1;
  out.st.bsize = disk_block;
  out.st.frsize = disk_block;
  out.st.namelen = 255;
  return answer_with(unique, out);
}

}  // namespace seatrial::disks
