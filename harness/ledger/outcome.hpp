// What a delivery report proves about a message. One pure function; every rule errs on the side of
// `unknown`, because a message wrongly called failed or acked would accuse the cluster of a fault.
//
//   sent     acks=0 and no error: handed to the network, nothing is promised, no offset is known
//   acked    acks=1 or all, and the report says success, whatever came before
//   failed   certainly not in the log: never appended by any attempt
//   unknown  everything else
//
// It does not ask the client anything: the caller copies the report's fields, so that the rules can
// be tested one by one, and serve engines other than librdkafka.
#pragma once

#include <cstdint>

#include "ledger/ledger.hpp"

namespace seatrial::ledger {

enum class Acks { none, leader, all };

// rd_kafka_msg_status_t, or what another engine knows of the same.
enum class Persistence { not_persisted, possibly_persisted, persisted };

// Error numbers that the rules name: Kafka's are positive, librdkafka's own are negative.
namespace error {
inline constexpr int none = 0;
inline constexpr int unknown_topic_or_partition = 3;
inline constexpr int leader_not_available = 5;
inline constexpr int not_leader_or_follower = 6;
inline constexpr int message_too_large = 10;
inline constexpr int record_list_too_large = 18;
inline constexpr int not_enough_replicas = 19;
inline constexpr int not_enough_replicas_after_append = 20;
inline constexpr int topic_authorization_failed = 29;
inline constexpr int cluster_authorization_failed = 31;
inline constexpr int duplicate_sequence_number = 46;
inline constexpr int transactional_id_authorization_failed = 53;
inline constexpr int kafka_storage_error = 56;
inline constexpr int invalid_record = 87;
inline constexpr int local_message_timed_out = -192;
inline constexpr int local_purged_in_queue = -152;
inline constexpr int local_purged_in_flight = -151;
}  // namespace error

struct DeliveryReport {
  Acks acks = Acks::all;
  int error = error::none;
  Persistence status = Persistence::possibly_persisted;
  std::int64_t offset = -1;
  // Some earlier attempt ended without proof that nothing was appended (a lost connection, a
  // request that timed out, a leader that stepped down). If the client cannot tell: whether it has
  // retried.
  bool earlier_attempt_ambiguous = false;
  // The caller knows that no attempt ever left this process. NOT_PERSISTED alone does not prove it:
  // a message that was refused by an old leader and then expired in the queue carries it as well.
  bool never_transmitted = false;
};

struct Judgement {
  Outcome outcome = Outcome::unknown;
  std::int64_t offset = -1;  // of acked messages, where the report has one
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

[[nodiscard]] Judgement judge(const DeliveryReport& report);

}  // namespace seatrial::ledger
