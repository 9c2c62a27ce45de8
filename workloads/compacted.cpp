// The `compacted` workload: overwrites and deletes of keys, for topics with cleanup.policy=compact.
// This file holds its options; the lane's loop is compacted_lane's, and what the log holds in the
// end compacted_observer's.
#include <array>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/registry.hpp"
#include "workloads/client_options.hpp"
#include "workloads/compacted_lane.hpp"
#include "workloads/compacted_observer.hpp"
#include "workloads/keyed_value.hpp"
#include "workloads/shapes/arrivals.hpp"

namespace seatrial::workloads {
namespace {

constexpr std::array own_properties = {
    OwnProperty{"bootstrap.servers", "the harness gives the cluster's address"},
    OwnProperty{"transactional.id", "this workload sends outside of transactions"},
    OwnProperty{"partitioner", "keys go by murmur2, so that each stays on its partition"},
    OwnProperty{"delivery.report.only.error", "the ledger needs a report of every message"},
    OwnProperty{"produce.offset.report", "the ledger reads the offset of every report"},
    OwnProperty{"dr_cb", "the ledger reads the delivery reports"},
    OwnProperty{"dr_msg_cb", "the ledger reads the delivery reports"},
    OwnProperty{"enabled_events", "the lane reads the client's events by callbacks"},
    OwnProperty{"interceptors", "the harness takes no others' code"},
    OwnProperty{"opaque", "it is the lane's"},
};

std::string validate_size(std::string_view text) {
  const auto shape = SizeShape::parse(text);
  if (!shape) return shape.error().message;
  const std::size_t least = ledger::identity_bytes + key_and_version_bytes;
  return shape->least() >= least ? "" : "must be at least " + std::to_string(least) + "B";
}

std::string validate_keys(std::string_view text) {
  const auto count = parse_integer(text);
  return count && *count >= 1 && *count <= 100'000'000 ? "" : "lies between 1 and 100000000";
}

SizeShape size_of(const Options& options) {
  auto shape = SizeShape::parse(options.text("size"));
  check(shape.has_value(), "the option was validated");
  return std::move(*shape);
}

class Compacted final : public Workload {
 public:
  explicit Compacted(const Options& options)
      : lanes_(static_cast<int>(options.integer("lanes"))),
        topic_(options.text("topic")),
        properties_(options.properties("properties")),
        offer_(offer_of(options)),
        settings_{.rate = offer_.rate,
                  .arrivals = offer_.arrivals,
                  .keys = static_cast<std::uint64_t>(options.integer("keys")),
                  .tombstones = options.number("tombstones"),
                  .size = size_of(options)} {
    if (settings_.keys < static_cast<std::uint64_t>(lanes_))
      throw UsageError("each lane owns keys of its own: there must be as many keys as lanes");
  }

  [[nodiscard]] Traits traits() const override { return {.lanes = lanes_, .produces = true}; }
  [[nodiscard]] kafka::Properties client_properties() const override {
    return effective_or_throw(kafka::ClientType::producer, properties_);
  }
  [[nodiscard]] double offered_rate() const override { return offer_.per_second(); }
  [[nodiscard]] double offered_messages(nanoseconds span) const override {
    return offer_.messages(span);
  }
  [[nodiscard]] std::unique_ptr<LogObserver> observer() const override {
    return std::make_unique<CompactedObserver>(topic_, settings_.keys);
  }
  LaneReport run(LaneContext& lane, const std::function<void()>& ready,
                 std::stop_token stop) const override {
    return run_compacted_lane(settings_, lane, ready, stop);
  }

 private:
  int lanes_;
  std::string topic_;
  kafka::Properties properties_;
  Offer offer_;
  CompactedSettings settings_;
};

using enum OptionType;
const std::vector<OptionSpec> option_table{
    {"topic", text, "", "one of `topics`, of which it is the only writer", {}, true, nullptr},
    {"rate",
     rate,
     "",
     "messages over all lanes, as 1000/s; not with a trace",
     {},
     false,
     validate_open_rate},
    {"arrivals", text, "constant", std::string(arrivals_help), {}, false, validate_arrivals},
    {"keys",
     integer,
     "1000",
     "different keys over all lanes; each belongs to one lane",
     {},
     false,
     validate_keys},
    {"tombstones",
     number,
     "0.1",
     "share of messages that delete their key",
     {},
     false,
     validate_share},
    {"lanes",
     integer,
     "1",
     "client threads, each with a client of its own",
     {},
     false,
     validate_lanes},
    {"size",
     text,
     "128B",
     "of a message's value: 128B, or uniform(100B, 1KiB)",
     {},
     false,
     validate_size},
    {"properties",
     properties,
     "",
     "librdkafka's, by their own names",
     {},
     false,
     [](std::string_view entry) {
       return validate_property(kafka::ClientType::producer, entry, own_properties);
     }},
};

const Registration<Workload> registration{{
    .name = "compacted",
    .help = "overwrites and deletes keys at a rate; for topics with cleanup.policy=compact",
    .options = option_table,
    .make = [](const Options& given) -> std::unique_ptr<Workload> {
      return std::make_unique<Compacted>(given);
    },
}};

}  // namespace
}  // namespace seatrial::workloads
