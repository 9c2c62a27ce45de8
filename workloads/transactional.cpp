// The `transactional` workload: transactions over several partitions, committed, aborted and
// interrupted; or consume-transform-produce. This file holds its options; the lane's loop is
// transactional_lane's, and what it judges of the log transform_observer's.
#include <array>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/options_refused.hpp"
#include "core/registry.hpp"
#include "workloads/client_options.hpp"
#include "workloads/shapes/arrivals.hpp"
#include "workloads/transactional_lane.hpp"
#include "workloads/transform_observer.hpp"
#include "workloads/transform_reference.hpp"
#include "workloads/wire_options.hpp"

namespace seatrial::workloads {
namespace {

constexpr std::array own_properties = {
    OwnProperty{"bootstrap.servers", "the harness gives the cluster's address"},
    OwnProperty{"transactional.id", "each lane has one of its own, new in every trial"},
    OwnProperty{"enable.idempotence", "transactions demand it; see the option `exactly_once`"},
    OwnProperty{"partitioner", "the workload spreads each transaction over the partitions"},
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
  // Of a transform each message holds what it was made of besides its identity.
  const std::size_t least = ledger::identity_bytes + reference_bytes;
  return shape->least() >= least ? "" : "must be at least " + std::to_string(least) + "B";
}

std::string validate_messages(std::string_view text) {
  const auto count = parse_integer(text);
  return count && *count >= 1 && *count <= 10'000 ? "" : "lies between 1 and 10000";
}

std::string validate_every(std::string_view text) {
  const auto count = parse_integer(text);
  return count && *count >= 0 ? "" : "must not be negative";
}

std::uint64_t count_of(const Options& options, std::string_view name) {
  return static_cast<std::uint64_t>(options.integer(name));
}

SizeShape size_of(const Options& options) {
  auto shape = SizeShape::parse(options.text("size"));
  check(shape.has_value(), "the option was validated");
  return std::move(*shape);
}

class Transactional final : public Workload {
 public:
  explicit Transactional(const Options& options)
      : lanes_(static_cast<int>(options.integer("lanes"))),
        topic_(options.text("topic")),
        properties_(options.properties("properties")),
        settings_{.wire = options.text("engine") == "wire",
                  .transform = options.text("mode") == "transform",
                  .input = options.has("input") ? options.text("input") : "",
                  .group = options.has("group") ? options.text("group") : "",
                  .exactly_once = options.boolean("exactly_once"),
                  .rate = {},
                  .arrivals = {},
                  .messages = count_of(options, "messages"),
                  .abort_share = options.number("abort"),
                  .size = size_of(options),
                  .crash_every = count_of(options, "crash_every"),
                  .fence_every = count_of(options, "fence_every"),
                  .hang_every = count_of(options, "hang_every"),
                  .hang_for = options.duration("hang_for")} {
    const auto refuse = [](const char* why) { throw UsageError(why); };
    if (settings_.transform && settings_.input.empty())
      refuse("mode transform needs the option `input`, the topic that it reads");
    if (!settings_.transform && !settings_.input.empty())
      refuse("input: only mode transform reads one");
    if (!settings_.transform && !settings_.group.empty())
      refuse("group: only mode transform is in one");
    if (settings_.hang_every == 0 && settings_.hang_for > nanoseconds(0))
      refuse("hang_for needs the option `hang_every`");
    if (settings_.transform && settings_.input == topic_)
      refuse("mode transform would read its own output: `input` and `topic` are the same");
    if (!settings_.transform && !settings_.exactly_once)
      refuse("exactly_once: false is for mode transform; a plain producer is of kind `producer`");
    if (!settings_.exactly_once && (settings_.fence_every > 0 || settings_.abort_share > 0))
      refuse("without transactions (exactly_once: false) there is nothing to abort or to fence");
    if (settings_.hang_every > 0 && settings_.hang_for == nanoseconds(0))
      refuse("hang_every needs the option `hang_for`");
    if (settings_.wire && settings_.transform)
      throw OptionsRefused(std::vector<OptionProblem>{
          {"engine",
           "engine: wire does not transform: it commits no offsets of a consumer within "
           "its transactions; leave `engine` or `mode: transform` out"}});
    if (settings_.wire) refuse_for_wire(properties_, WireLaneKind::transactional);
    if (settings_.transform) return;
    offer_ = offer_of(options);
    settings_.rate = offer_.rate;
    settings_.arrivals = offer_.arrivals;
  }

  [[nodiscard]] Traits traits() const override { return {.lanes = lanes_, .produces = true}; }
  [[nodiscard]] kafka::Properties client_properties() const override {
    auto properties = properties_;
    properties["enable.idempotence"] = "true";
    if (settings_.exactly_once) properties["transactional.id"] = "derived";
    if (settings_.wire) return wire_properties(properties, WireLaneKind::transactional);
    return effective_or_throw(kafka::ClientType::producer, properties);
  }
  [[nodiscard]] double offered_rate() const override {
    return settings_.transform ? 0 : offer_.per_second() * static_cast<double>(settings_.messages);
  }
  [[nodiscard]] double offered_messages(nanoseconds span) const override {
    if (settings_.transform) return 0;
    return offer_.messages(span) * static_cast<double>(settings_.messages);
  }
  [[nodiscard]] std::unique_ptr<LogObserver> observer() const override {
    if (!settings_.transform) return nullptr;
    return std::make_unique<TransformObserver>(settings_.input, topic_);
  }
  LaneReport run(LaneContext& lane, const std::function<void()>& ready,
                 std::stop_token stop) const override {
    auto settings = settings_;
    if (settings.group.empty()) settings.group = lane.workload;
    return run_transactional_lane(settings, lane, ready, stop);
  }

 private:
  int lanes_;
  std::string topic_;
  kafka::Properties properties_;
  TransactionalSettings settings_;
  Offer offer_;  // of transactions; mode write
};

using enum OptionType;
const std::vector<OptionSpec> option_table{
    {"topic", text, "", "one of `topics`: where it writes", {}, true, nullptr},
    {"engine",
     choice,
     "librdkafka",
     "what speaks to the brokers: the client library (transaction protocol v1), or the harness "
     "itself (wire: v2, each transaction with an epoch of its own); mode write",
     {"librdkafka", "wire"},
     false,
     nullptr},
    {"mode",
     choice,
     "write",
     "write: at a rate; transform: what it reads from `input`",
     {"write", "transform"},
     false,
     nullptr},
    {"rate",
     rate,
     "",
     "write: transactions over all lanes, as 10/s",
     {},
     false,
     validate_open_rate},
    {"arrivals", text, "constant", std::string(arrivals_help), {}, false, validate_arrivals},
    {"messages",
     integer,
     "10",
     "of a transaction; transform: at most",
     {},
     false,
     validate_messages},
    {"abort",
     OptionType::number,
     "0",
     "share of transactions that are aborted, drawn by the seed",
     {},
     false,
     validate_share},
    {"input", text, "", "transform: the topic it reads, under read_committed", {}, false, nullptr},
    {"group",
     text,
     "",
     "transform: its consumer group; by default the workload's name",
     {},
     false,
     validate_group},
    {"exactly_once",
     boolean,
     "true",
     "transform: offsets within the transaction; false: none, offsets after the output",
     {},
     false,
     nullptr},
    {"crash_every",
     integer,
     "0",
     "each Nth transaction of a lane ends with its client gone, before commit; 0: none",
     {},
     false,
     validate_every},
    {"fence_every",
     integer,
     "0",
     "in each Nth a second producer of its id takes over; the first asks to commit",
     {},
     false,
     validate_every},
    {"hang_every",
     integer,
     "0",
     "in each Nth the lane stands still for `hang_for`",
     {},
     false,
     validate_every},
    {"hang_for",
     duration,
     "0",
     "how long; beyond transaction.timeout.ms it is fenced",
     {},
     false,
     nullptr},
    {"lanes",
     integer,
     "1",
     "client threads, each with a transactional.id of its own",
     {},
     false,
     validate_lanes},
    {"size",
     text,
     "256B",
     "of a message's value: 256B, or uniform(100B, 1KiB)",
     {},
     false,
     validate_size},
    {"properties",
     properties,
     "",
     "librdkafka's, of the producer, by their own names",
     {},
     false,
     [](std::string_view entry) {
       return validate_property(kafka::ClientType::producer, entry, own_properties);
     }},
};

const Registration<Workload> registration{{
    .name = "transactional",
    .help = "transactions over several partitions: commits, aborts, crashes, zombies; "
            "or consume-transform-produce",
    .options = option_table,
    .make = [](const Options& given) -> std::unique_ptr<Workload> {
      return std::make_unique<Transactional>(given);
    },
}};

}  // namespace
}  // namespace seatrial::workloads
