// The outcome rules, one by one, and our numbers against the client library's.
#include "ledger/outcome.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <iterator>

#include "support/catch.hpp"

using namespace seatrial::ledger;

namespace {

constexpr Persistence statuses[] = {Persistence::not_persisted, Persistence::possibly_persisted,
                                    Persistence::persisted};
constexpr Acks answered[] = {Acks::leader, Acks::all};

DeliveryReport refused(int error) {
  return {.acks = Acks::all, .error = error, .status = Persistence::not_persisted, .offset = -1};
}
Outcome outcome_of(const DeliveryReport& report) { return judge(report).outcome; }

}  // namespace

TEST_CASE("success with acks=0 is sent, without an offset", "[outcome]") {
  for (const auto status : statuses) {
    for (const std::int64_t offset : {-1001, -1, 0, 7}) {
      CHECK(judge({Acks::none, error::none, status, offset}) == Judgement{Outcome::sent, -1});
    }
  }
}

TEST_CASE("success with acks=1 or all is acked", "[outcome]") {
  for (const auto acks : answered) {
    CHECK(judge({acks, error::none, Persistence::persisted, 42}) ==
          Judgement{Outcome::acked, 42});
    CHECK(judge({acks, error::none, Persistence::persisted, 0}) == Judgement{Outcome::acked, 0});
  }
}

TEST_CASE("a negative offset is none", "[outcome]") {
  // As after DUPLICATE_SEQUENCE_NUMBER, which the library turns into success without an offset.
  CHECK(judge({Acks::all, error::none, Persistence::persisted, -1001}) ==
        Judgement{Outcome::acked, -1});
}

TEST_CASE("an ambiguous earlier attempt does not take a success back", "[outcome]") {
  CHECK(judge({Acks::all, error::none, Persistence::persisted, 3, true}) ==
        Judgement{Outcome::acked, 3});
}

TEST_CASE("errors that brokers answer before appending are failures", "[outcome]") {
  for (const int code :
       {error::message_too_large, error::record_list_too_large, error::not_enough_replicas,
        error::topic_authorization_failed, error::cluster_authorization_failed,
        error::transactional_id_authorization_failed, error::invalid_record}) {
    CAPTURE(code);
    CHECK(judge(refused(code)) == Judgement{Outcome::failed, -1});
  }
}

TEST_CASE("failed needs the status NOT_PERSISTED", "[outcome]") {
  for (const auto status : {Persistence::possibly_persisted, Persistence::persisted}) {
    DeliveryReport report = refused(error::not_enough_replicas);
    report.status = status;
    CHECK(outcome_of(report) == Outcome::unknown);
    report = refused(error::local_purged_in_queue);
    report.status = status;
    CHECK(outcome_of(report) == Outcome::unknown);
    report.never_transmitted = true;
    CHECK(outcome_of(report) == Outcome::unknown);
  }
}

TEST_CASE("failed needs that no earlier attempt was ambiguous", "[outcome]") {
  for (const int code : {error::not_enough_replicas, error::message_too_large,
                         error::local_purged_in_queue, error::local_message_timed_out}) {
    CAPTURE(code);
    DeliveryReport report = refused(code);
    report.earlier_attempt_ambiguous = true;
    CHECK(outcome_of(report) == Outcome::unknown);
  }
}

TEST_CASE("who leads nothing has not appended, unless it waited for others", "[outcome]") {
  for (const int code : {error::unknown_topic_or_partition, error::leader_not_available,
                         error::not_leader_or_follower}) {
    CAPTURE(code);
    DeliveryReport report = refused(code);
    CHECK(outcome_of(report) == Outcome::unknown);
    report.acks = Acks::leader;
    CHECK(outcome_of(report) == Outcome::failed);
    report.earlier_attempt_ambiguous = true;
    CHECK(outcome_of(report) == Outcome::unknown);
  }
}

TEST_CASE("a leader that stepped down or lost its disk may have appended", "[outcome]") {
  CHECK(outcome_of(refused(error::not_leader_or_follower)) == Outcome::unknown);
  CHECK(outcome_of(refused(error::kafka_storage_error)) == Outcome::unknown);
}

TEST_CASE("too few replicas after the append is unknown, before it a failure", "[outcome]") {
  CHECK(outcome_of(refused(error::not_enough_replicas_after_append)) == Outcome::unknown);
  CHECK(outcome_of(refused(error::not_enough_replicas)) == Outcome::failed);
}

TEST_CASE("purged in the queue is failed, purged in flight unknown", "[outcome]") {
  CHECK(outcome_of(refused(error::local_purged_in_queue)) == Outcome::failed);
  CHECK(outcome_of(refused(error::local_purged_in_flight)) == Outcome::unknown);
}

TEST_CASE("a timed-out message failed only if it was never transmitted", "[outcome]") {
  DeliveryReport report = refused(error::local_message_timed_out);
  CHECK(outcome_of(report) == Outcome::unknown);
  report.never_transmitted = true;
  CHECK(outcome_of(report) == Outcome::failed);
  report.status = Persistence::possibly_persisted;
  CHECK(outcome_of(report) == Outcome::unknown);
}

TEST_CASE("failures under acks=0 follow the same rules, and have no offset", "[outcome]") {
  CHECK(judge({Acks::none, error::message_too_large, Persistence::not_persisted, 5}) ==
        Judgement{Outcome::failed, -1});
  CHECK(judge({Acks::none, error::local_message_timed_out, Persistence::possibly_persisted, 5}) ==
        Judgement{Outcome::unknown, -1});
}

TEST_CASE("an error nobody listed is unknown", "[outcome]") {
  for (int code = -250; code <= 150; ++code) {
    if (outcome_of(refused(code)) == Outcome::failed) {
      const int listed[] = {10, 18, 19, 29, 31, 53, 87, -152};
      CAPTURE(code);
      CHECK(std::count(std::begin(listed), std::end(listed), code) == 1);
    }
  }
  CHECK(outcome_of(refused(error::duplicate_sequence_number)) == Outcome::unknown);
}

TEST_CASE("the numbers are those of the client library", "[outcome]") {
  CHECK(error::none == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(error::unknown_topic_or_partition == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  CHECK(error::leader_not_available == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
  CHECK(error::not_leader_or_follower == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
  CHECK(error::message_too_large == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  CHECK(error::record_list_too_large == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE);
  CHECK(error::not_enough_replicas == RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
  CHECK(error::not_enough_replicas_after_append ==
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND);
  CHECK(error::topic_authorization_failed == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  CHECK(error::cluster_authorization_failed == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
  CHECK(error::duplicate_sequence_number == RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER);
  CHECK(error::transactional_id_authorization_failed ==
        RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  CHECK(error::kafka_storage_error == RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR);
  CHECK(error::invalid_record == RD_KAFKA_RESP_ERR_INVALID_RECORD);
  CHECK(error::local_message_timed_out == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
  CHECK(error::local_purged_in_queue == RD_KAFKA_RESP_ERR__PURGE_QUEUE);
  CHECK(error::local_purged_in_flight == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT);
  CHECK(static_cast<int>(Persistence::not_persisted) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED);
  CHECK(static_cast<int>(Persistence::possibly_persisted) ==
        RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED);
  CHECK(static_cast<int>(Persistence::persisted) == RD_KAFKA_MSG_STATUS_PERSISTED);
}
