// What travels from a member's process to the harness: records of a fixed size with a checksum, in
// one byte stream.
//
//   RecordReader reader;
//   reader.feed(bytes_from_the_pipe, [](const WorkerRecord& r) { ... });
//   reader.torn();   // after the end: bytes of a record that the member's death cut short
//
// A member that is killed leaves at most the beginning of a record behind, at the very end: it is
// counted and ignored. Any other disagreement means that somebody else wrote into the stream, and
// throws. Texts longer than a record (a report) travel as several of them; `TextJoiner` puts them
// together. Both ends are the same program on the same machine, so numbers are in its byte order.
//
//   bytes  0-3   CRC32C of the rest     4 kind     5 length of the text     6-7 zero
//   bytes  8-55  partition, stream, generation, (4 zero), seq, offset, intended_ns, at_ns
//   bytes 56-79  text, at most 24 bytes; of texts in parts: bytes 8-79, at most 72
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seatrial::workers {

struct WorkerRecord {
  enum class Kind : std::uint8_t {
    ready = 1,     // takes part in its group
    delivered,     // one message was handed over: partition, generation, offset, stream, seq, times
    committed,     // partition, generation, offset; text: the error's name, empty if it holds
    assigned,      // one partition each; partition -1: the assignment is empty
    revoked,       // likewise
    lost,          // likewise
    read_until,    // partition, offset
    hello_part,    // of what client library it loaded, as JSON; an empty one ends it
    news_part,     // of what it measured, likewise (lane_news.hpp)
    report_part,   // of the lane's report, likewise
    failure_part,  // of the sentence with which the lane ended; an empty one ends it
    refusal_part   // of the setting with which brokers ended it, as JSON; an empty one ends it
  };
  Kind kind = Kind::ready;
  std::int32_t partition = -1;
  std::uint32_t stream = 0;  // of a message without an identity: no_stream
  std::uint32_t generation = 0;
  std::uint64_t seq = 0;
  std::int64_t offset = -1;
  std::int64_t intended_ns = 0;
  std::int64_t at_ns = 0;
  std::string text;
  friend bool operator==(const WorkerRecord&, const WorkerRecord&) = default;
};

inline constexpr std::size_t record_bytes = 80;
inline constexpr std::uint32_t no_stream = UINT32_MAX;

// Appends one record. A text that is too long is cut.
void encode(const WorkerRecord& record, std::vector<std::byte>& out);
// Appends a text as parts of that kind, and the empty one that ends it.
void encode_text(WorkerRecord::Kind kind, std::string_view text, std::vector<std::byte>& out);

class RecordReader {
 public:
  // Calls `take` for each record that is complete. Throws InfrastructureError on bytes that are no
  // record.
  void feed(std::span<const std::byte> bytes, const std::function<void(const WorkerRecord&)>& take);
  // Bytes of a record that is not complete (yet).
  [[nodiscard]] std::size_t torn() const { return rest_.size(); }

 private:
  std::vector<std::byte> rest_;
};

class TextJoiner {
 public:
  // The whole text once its last part has come.
  std::optional<std::string> add(const WorkerRecord& part);

 private:
  std::map<WorkerRecord::Kind, std::string> begun_;
};

}  // namespace seatrial::workers
