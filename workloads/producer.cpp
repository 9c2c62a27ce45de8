// The `producer` workload: lanes that send messages at a rate, whatever the cluster does. This file
// holds its options; the lane's loop is producer_lane's.
#include <array>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/registry.hpp"
#include "workloads/client_options.hpp"
#include "workloads/producer_lane.hpp"
#include "workloads/shapes/arrivals.hpp"
#include "workloads/wire_lane.hpp"
#include "workloads/wire_options.hpp"

namespace seatrial::workloads {
namespace {

constexpr std::array own_properties = {
    OwnProperty{"bootstrap.servers", "the harness gives the cluster's address"},
    OwnProperty{"partitioner", "the harness picks the partition; use the option `partitioner`"},
    OwnProperty{"delivery.report.only.error", "the ledger needs a report of every message"},
    OwnProperty{"produce.offset.report", "the ledger reads the offset of every report"},
    OwnProperty{"dr_cb", "the ledger reads the delivery reports"},
    OwnProperty{"dr_msg_cb", "the ledger reads the delivery reports"},
    OwnProperty{"enabled_events", "the lane reads the client's events by callbacks"},
    OwnProperty{"interceptors", "the lane has one of its own, which stamps the time of acks"},
    OwnProperty{"opaque", "it is the lane's"},
    OwnProperty{"transactional.id", "this workload sends outside of transactions"},
};

template <class Shape>
Shape parsed(std::string_view text) {
  auto shape = Shape::parse(text);
  check(shape.has_value(), "the option was validated");
  return std::move(*shape);
}

template <class Shape>
std::string validate_shape(std::string_view text) {
  const auto shape = Shape::parse(text);
  return shape ? "" : shape.error().message;
}

Partitioning partitioning_of(std::string_view name) {
  if (name == "round_robin") return Partitioning::round_robin;
  if (name == "murmur2") return Partitioning::murmur2;
  return name == "crc32" ? Partitioning::crc32 : Partitioning::sticky;
}

std::string validate_rate(std::string_view text) {
  const auto rate = parse_rate(text);
  return rate && (rate->unlimited || rate->messages > 0) ? "" : "must be above 0";
}

// Longer ones would burn a core for what the timers do well enough.
std::string validate_spin(std::string_view text) {
  const auto spin = parse_duration(text);
  return spin && *spin <= milliseconds(1) ? "" : "is at most 1ms";
}

// Longer ones would be another load than the one that was asked for.
std::string validate_wake(std::string_view text) {
  const auto wake = parse_duration(text);
  return wake && *wake <= milliseconds(1) ? "" : "is at most 1ms";
}

std::string validate_count(std::string_view text) {
  const auto count = parse_integer(text);
  return count && *count >= 0 ? "" : "must not be negative";
}

class Producer final : public Workload {
 public:
  explicit Producer(const Options& options)
      : wire_(options.text("engine") == "wire"),
        lanes_(static_cast<int>(options.integer("lanes"))),
        properties_(options.properties("properties")),
        offer_(offer_of(options)),
        settings_{
            .rate = offer_.rate,
            .arrivals = offer_.arrivals,
            .size = parsed<SizeShape>(options.text("size")),
            .keys = parsed<KeyShape>(options.text("keys")),
            .partitioning = partitioning_of(options.text("partitioner")),
            .count = static_cast<std::uint64_t>(options.integer("count")),
            .entropy = options.number("entropy"),
            .spin = options.duration("spin"),
            .wake = options.has("wake") ? std::optional(options.duration("wake")) : std::nullopt,
            .before_handover = nullptr} {
    if (wire_) refuse_for_wire(properties_);
  }

  [[nodiscard]] Traits traits() const override { return {.lanes = lanes_, .produces = true}; }
  [[nodiscard]] kafka::Properties client_properties() const override {
    return wire_ ? wire_properties(properties_)
                 : effective_or_throw(kafka::ClientType::producer, properties_);
  }
  [[nodiscard]] double offered_rate() const override {
    return offer_.per_second();
  }
  [[nodiscard]] double offered_messages(nanoseconds span) const override {
    return offer_.messages(span);
  }
  LaneReport run(LaneContext& lane, const std::function<void()>& ready,
                 std::stop_token stop) const override {
    return wire_ ? run_wire_lane(settings_, lane, ready, stop)
                 : run_producer_lane(settings_, lane, ready, stop);
  }

 private:
  bool wire_;
  int lanes_;
  kafka::Properties properties_;
  Offer offer_;
  ProducerSettings settings_;
};

const Registration<Workload> registration{{
    .name = "producer",
    .help = "sends messages at a rate (open loop) or as fast as the client takes them (rate: max)",
    .options =
        {
            {.name = "topic",
             .type = OptionType::text,
             .fallback = {},
             .help = "one of `topics`",
             .choices = {},
             .required = true},
            {.name = "engine",
             .type = OptionType::choice,
             .fallback = "librdkafka",
             .help = "what speaks to the brokers: the client library, as applications do, or the "
                     "harness itself (wire): a fraction of the CPU",
             .choices = {"librdkafka", "wire"}},
            {.name = "lanes",
             .type = OptionType::integer,
             .fallback = "1",
             .help = "client threads, each with a client of its own; with rate: max, unless given, "
                     "one for each broker that leads a partition",
             .choices = {},
             .validate = validate_lanes},
            {.name = "rate",
             .type = OptionType::rate,
             .fallback = {},
             .help = "messages over all lanes, as 5000/s; max: the closed loop; not with a trace",
             .choices = {},
             .validate = validate_rate},
            {.name = "arrivals",
             .type = OptionType::text,
             .fallback = "constant",
             .help = std::string(arrivals_help),
             .choices = {},
             .validate = validate_arrivals},
            {.name = "spin",
             .type = OptionType::duration,
             .fallback = "0",
             .help = "a lane that waits spins for this last part instead of sleeping, as 20us",
             .choices = {},
             .validate = validate_spin},
            {.name = "wake",
             .type = OptionType::duration,
             .fallback = {},
             .help = "what falls due within so long, at most linger.ms, is handed over at once: as "
                     "much lateness, and fewer wake-ups; not with spin, nor by wire; unless given, "
                     "a tenth of linger.ms, 200us at least and 1ms at most",
             .choices = {},
             .validate = validate_wake},
            {.name = "size",
             .type = OptionType::text,
             .fallback = "256B",
             .help = "of a message's value: 256B, or uniform(100B, 1KiB)",
             .choices = {},
             .validate = validate_shape<SizeShape>},
            {.name = "keys",
             .type = OptionType::text,
             .fallback = "none",
             .help = "none, uniform(N) or zipf(N, S): N different keys",
             .choices = {},
             .validate = validate_shape<KeyShape>},
            {.name = "partitioner",
             .type = OptionType::choice,
             .fallback = "sticky",
             .help = "sticky by batch, keys as murmur2; round_robin; murmur2 (Java's); "
                     "crc32 (librdkafka's)",
             .choices = {"sticky", "round_robin", "murmur2", "crc32"}},
            {.name = "count",
             .type = OptionType::integer,
             .fallback = "0",
             .help = "stop after so many messages over all lanes; 0: no limit",
             .choices = {},
             .validate = validate_count},
            {.name = "entropy",
             .type = OptionType::number,
             .fallback = "1",
             .help = "share of random bytes in values, 0 to 1: how little they compress",
             .choices = {},
             .validate = validate_share},
            {.name = "properties",
             .type = OptionType::properties,
             .fallback = {},
             .help = "librdkafka's, by their own names",
             .choices = {},
             .validate =
                 [](std::string_view entry) {
                   return validate_property(kafka::ClientType::producer, entry, own_properties);
                 }},
        },
    .make = [](const Options& options) -> std::unique_ptr<Workload> {
      return std::make_unique<Producer>(options);
    },
}};

}  // namespace
}  // namespace seatrial::workloads
