// Small attempts at a cluster, one right each: what it answers who may not do something, or knows
// no such thing. Each ends by its deadline; what it makes is named by the caller, who removes it.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>

#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/access.hpp"
#include "kafka/admin.hpp"

namespace seatrial::kafka {

struct Tried {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;           // of the error, in the broker's or the library's words
  milliseconds throttled{0};  // the longest that a broker made the client wait
  [[nodiscard]] bool ok() const { return error == RD_KAFKA_RESP_ERR_NO_ERROR; }
};

// Of topics: only whether they could be made, or in earnest.
enum class Creation { only_checked, made };
[[nodiscard]] Tried try_create(const Access& access, const NewTopic& topic, Creation how,
                               Instant deadline);
// Also of a topic that there is not, which then is the answer of who may delete it.
[[nodiscard]] Tried try_delete_topic(const Access& access, const std::string& topic,
                                     Instant deadline);
// The same of a group.
[[nodiscard]] Tried try_delete_group(const Access& access, const std::string& group,
                                     Instant deadline);
// One message with acks=all by an idempotent producer; with an id, in a transaction that is
// aborted.
[[nodiscard]] Tried try_produce(const Access& access, const std::string& topic,
                                const std::string& transactional_id, Instant deadline);
// As a member of the group, until the first message is there.
[[nodiscard]] Tried try_consume(const Access& access, const std::string& topic,
                                const std::string& group, Instant deadline);

}  // namespace seatrial::kafka
