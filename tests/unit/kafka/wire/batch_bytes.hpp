// Record batches of format v2 as a broker would store them, for tests of what reads them: whole,
// with their checksum, and compressed by the very libraries that clients use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/wire/record_batch.hpp"

namespace seatrial::test {

struct RecordText {
  std::int64_t offset_delta = 0;
  std::optional<std::string> key{};
  std::optional<std::string> value{};
  std::vector<std::pair<std::string, std::optional<std::string>>> headers{};
  std::int64_t time_delta = 0;
};

struct BatchText {
  LogBatch header;  // last_offset as the records tell, if it is 0
  kafka::wire::Codec codec = kafka::wire::Codec::none;
  bool framed = false;  // snappy: in the blocks of Java clients
  std::int64_t base_timestamp_ms = 0;
  std::vector<RecordText> records;
};

kafka::wire::Bytes records_bytes(const std::vector<RecordText>& records);
kafka::wire::Bytes compressed(kafka::wire::Codec codec, bool framed,
                              const kafka::wire::Bytes& bytes);
kafka::wire::Bytes batch_bytes(const BatchText& batch);
// A marker as a transaction coordinator writes it: one record.
BatchText marker(std::int64_t offset, std::int64_t producer_id, bool commit);

}  // namespace seatrial::test
