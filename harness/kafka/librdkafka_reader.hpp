// The fallback reader of log_reader.hpp: one fresh librdkafka client.
#pragma once

#include "kafka/log_reader.hpp"

namespace seatrial::kafka {

// As read_log. Says nothing of batches and transactions.
[[nodiscard]] std::vector<ReadOutcome> read_by_librdkafka(const Access& access,
                                                          const std::vector<ReadSpan>& spans,
                                                          const OnRecords& on_records,
                                                          Instant deadline,
                                                          const std::stop_token& stop);

// Why a span was not read to its end; `trouble` is the last one met, or empty.
[[nodiscard]] std::string unfinished(const std::stop_token& stop, const std::string& trouble);

}  // namespace seatrial::kafka
