// The rules of outcome.hpp: which errors prove that a message is not in the log.
#include "ledger/outcome.hpp"

#include <algorithm>
#include <array>

namespace seatrial::ledger {
namespace {

// Errors that a broker answers before it appends anything. Not among them, although librdkafka
// reports NOT_PERSISTED for them: not_leader_or_follower with acks=all and kafka_storage_error (the
// leader may have appended before it stepped down or lost its disk) and
// not_enough_replicas_after_append (it did append).
constexpr std::array refused_before_append = {
    error::message_too_large,
    error::record_list_too_large,
    error::not_enough_replicas,
    error::topic_authorization_failed,
    error::cluster_authorization_failed,
    error::transactional_id_authorization_failed,
    error::invalid_record,
};

// With acks=1 the leader answers at once, so where it says that it leads nothing it did not append;
// with acks=all it may have appended, and stepped down while it waited for its followers.
constexpr std::array refused_before_append_unless_waiting = {
    error::unknown_topic_or_partition,
    error::leader_not_available,
    error::not_leader_or_follower,
};

bool refused(const DeliveryReport& report) {
  if (std::ranges::count(refused_before_append, report.error) > 0) return true;
  return report.acks == Acks::leader &&
         std::ranges::count(refused_before_append_unless_waiting, report.error) > 0;
}

bool proves_absence(const DeliveryReport& report) {
  if (report.status != Persistence::not_persisted) return false;
  if (report.earlier_attempt_ambiguous) return false;
  return report.never_transmitted || report.error == error::local_purged_in_queue ||
         refused(report);
}

}  // namespace

Judgement judge(const DeliveryReport& report) {
  if (report.error != error::none) {
    return {proves_absence(report) ? Outcome::failed : Outcome::unknown, -1};
  }
  // Without acks the offset of the report is meaningless, and success only means "written to a
  // socket".
  if (report.acks == Acks::none) return {Outcome::sent, -1};
  return {Outcome::acked, std::max<std::int64_t>(report.offset, -1)};
}

}  // namespace seatrial::ledger
