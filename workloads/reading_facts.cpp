// What those who read passed over, were refused and had taken from them.
#include <librdkafka/rdkafka.h>

#include "client/fact.hpp"
#include "ledger/group.hpp"
#include "workloads/skipped_readable.hpp"

namespace seatrial::workloads {
namespace {

using Count = std::optional<std::uint64_t>;

// Acked, deleted by retention, and never handed to the group: nobody tells a consumer of these.
Count deleted_unread(const FactSource& source) {
  if (source.group == nullptr) return std::nullopt;
  std::uint64_t count = 0;
  for (const GroupHistory& group : source.history.groups) {
    if (group.workload != source.workload) continue;
    for (const StreamHistory& stream : source.history.streams) {
      if (stream.where.topic != source.topic) continue;
      const auto delivered = group.delivered.find(stream.stream);
      count += delivered == group.delivered.end() ? stream.expired.count()
                                                  : stream.expired.minus(delivered->second).count();
    }
  }
  return count;
}

// Share groups have no positions.
bool has_positions(const FactSource& source) {
  return source.group != nullptr && !source.traits.shares;
}

Count reset_errors(const FactSource& source) {
  if (!has_positions(source)) return std::nullopt;
  static const std::string name = rd_kafka_err2name(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET);
  std::uint64_t count = 0;
  for (const LaneReport* report : source.reports) {
    for (const auto& [partition, errors] : report->errors) {
      const auto at = errors.find(name);
      if (at != errors.end()) count += at->second;
    }
  }
  return count;
}

Count passed_over(const FactSource& source) {
  if (!has_positions(source)) return std::nullopt;
  return skipped_readable(source.history, source.topic, source.group->gaps());
}

Count refused_commits(const FactSource& source) {
  return source.members ? Count(source.members->refused_commits) : std::nullopt;
}
Count served(const FactSource& source) {
  return source.members ? Count(source.members->served) : std::nullopt;
}
Count revoked(const FactSource& source) {
  return source.members && !source.traits.shares ? Count(source.members->revoked) : std::nullopt;
}

constexpr char unread_header[] = "unread";

using enum MetricSide;
const Registration<Fact> registrations[] = {
    fact<consumed, deleted_unread, unread_header>(
        "deleted_unread", "deleted by retention before the group was given it"),
    fact<consumed, reset_errors, no_column, Need::order>(
        "reset_errors", "positions that were gone, told by auto.offset.reset=error"),
    fact<consumed, passed_over, no_column, Need::order>(
        "skipped_readable", "offsets passed over that the log still held then"),
    fact<consumed, refused_commits, no_column, Need::members>(
        "refused_commits", "commits, or acknowledgements, that members were refused"),
    fact<consumed, served, no_column, Need::members>(
        "members_served", "members of a group that were handed messages"),
    fact<consumed, revoked, no_column, Need::ownership>(
        "revoked", "partitions taken from members that lived, within measure"),
};

}  // namespace
}  // namespace seatrial::workloads
