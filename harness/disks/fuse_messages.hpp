// The messages of FUSE that a file system of one file meets, as linux/fuse.h lays them out: what
// the kernel asks, and the bytes that answer it. The mounted thing is the file itself (its root is
// no folder), so no names occur. Pure; the protocol is 7.31 or later (Linux 5.4), and what a later
// kernel adds it does not send to one that did not ask for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace seatrial::disks {

inline constexpr std::uint32_t most_bytes_at_once = 1U << 20;
// What a read of /dev/fuse has to have room for: a write of that size, with its headers.
inline constexpr std::size_t largest_request = most_bytes_at_once + 4096;

struct FuseRequest {
  enum class Kind {
    init,
    attributes,  // of the file; setting them changes nothing
    open,
    read,
    write,
    flush,      // what was written is to be kept (FUSE_FSYNC)
    room,       // statfs
    done,       // answered by a plain success: closing, the end
    unanswered  // expects no answer
  };
  std::optional<Kind> kind;  // nothing: a request that we do not have
  std::uint64_t unique = 0;  // by which an answer is known
  std::uint64_t offset = 0;  // of reads and writes
  std::uint32_t size = 0;
  std::span<const std::byte> data{};  // of a write; points into the message
  std::uint32_t readahead = 0;        // of init, as the next one
  std::uint32_t minor = 0;
};

// Nothing if the message is cut short, or its lengths contradict each other.
[[nodiscard]] std::optional<FuseRequest> parse_request(std::span<const std::byte> message);

// Headers of answers. `error` is an errno, 0 for success; `payload` follows the header.
[[nodiscard]] std::vector<std::byte> answer_header(std::uint64_t unique, int error,
                                                   std::size_t payload = 0);
// Whole answers.
[[nodiscard]] std::vector<std::byte> answer_init(const FuseRequest& request);
[[nodiscard]] std::vector<std::byte> answer_attributes(std::uint64_t unique, std::uint64_t size);
[[nodiscard]] std::vector<std::byte> answer_open(std::uint64_t unique);
[[nodiscard]] std::vector<std::byte> answer_write(std::uint64_t unique, std::uint32_t size);
[[nodiscard]] std::vector<std::byte> answer_room(std::uint64_t unique, std::uint64_t size);

}  // namespace seatrial::disks
