// The reader of log_reader.hpp that speaks Fetch itself, over kept connections. It
// follows leaders: lost connections and moved partitions are asked for anew with fresh metadata
// until the deadline, and the outcome says that the leader changed.
//
// Two threads, of which the caller's is one, read half of the partitions each, over a connection
// per broker of their own: while the records of an answer are scanned, the brokers prepare the next
// ones and the sockets fill. Memory of each is one answer per broker, some megabytes, and one
// uncompressed batch.
#pragma once

#include "kafka/log_reader.hpp"

namespace seatrial::kafka {

// As read_log. Refuses brokers without a common version of Fetch, message formats before v2, codecs
// that it does not know, and bytes that are not Kafka's protocol.
[[nodiscard]] LogReading read_by_wire(const Access& access, const std::vector<ReadSpan>& spans,
                                      const OnRecords& on_records, Instant deadline,
                                      const std::stop_token& stop);

}  // namespace seatrial::kafka
