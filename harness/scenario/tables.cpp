// One table per section. A check that needs more than one value lives where the section is read.
#include "scenario/tables.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/names.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"
#include "scenario/expectation.hpp"
#include "scenario/trigger.hpp"

namespace seatrial::scenario {
namespace {

// The validators below get values whose type is right already.
std::string few_brokers(std::string_view value) {
  const auto n = *parse_integer(value);
  return n >= 1 && n <= 99 ? "" : "must be between 1 and 99, not " + std::string(value);
}

std::string few_log_dirs(std::string_view value) {
  const auto n = *parse_integer(value);
  return n >= 1 && n <= 8 ? "" : "must be between 1 and 8, not " + std::string(value);
}

std::string few_partitions(std::string_view value) {
  const auto n = *parse_integer(value);
  return n >= 1 && n <= 10'000 ? "" : "must be between 1 and 10000, not " + std::string(value);
}

std::string positive_span(std::string_view value) {
  return parse_duration(value)->count() > 0 ? "" : "must be above 0";
}

// Of 4.3.1; nothing if one of the three is no number, or is not written as people write it.
std::optional<std::array<std::int64_t, 3>> numbers_of(std::string_view release) {
  std::array<std::int64_t, 3> parts{};
  for (auto& part : parts) {
    const auto text = release.substr(0, release.find('.'));
    const auto number = parse_integer(text);
    if (!number || *number > 9999 || std::to_string(*number) != text) return std::nullopt;
    part = *number;
    release.remove_prefix(std::min(text.size() + 1, release.size()));
  }
  return parts;
}

std::string release(std::string_view value) {
  const auto dots = std::count(value.begin(), value.end(), '.');
  const bool digits = std::all_of(value.begin(), value.end(),
                                  [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  const bool ends = value.front() != '.' && value.back() != '.' &&
                    value.find("..") == std::string_view::npos;
  const auto parts = numbers_of(value);
  if (!digits || dots != 2 || !ends || !parts) {
    return "'" + std::string(value) + "' is not a full release such as 4.4.0";
  }
  if (*parts >= *numbers_of(oldest_kafka)) return "";
  return "Kafka " + std::string(value) + " is older than " + std::string(oldest_kafka) +
         ", the oldest that is tried";
}

std::string controller_count(std::string_view value) {
  if (value == "combined") return "";
  const auto n = parse_integer(value);
  if (!n) {
    const bool digits = value.find_first_not_of("0123456789") == value.npos && !value.empty();
    return digits ? n.error().message
                  : "'" + std::string(value) + "' is neither a number nor the word combined";
  }
  return *n >= 1 && *n <= 9 ? "" : "must be between 1 and 9, not " + std::string(value);
}

std::string heap_size(std::string_view value) {
  if (const auto size = parse_size(value); size && *size == 0) return "must be above 0";
  return heap_mib(value) > 0 ? ""
                             : "'" + std::string(value) +
                                   "' is not a heap of whole MiB; write it as in 512MiB or 512m";
}

std::string few_cpus(std::string_view value) {
  const auto cores = parse_number(value);
  return cores && *cores >= 0.05 && *cores <= 1024 ? "" : "must be between 0.05 and 1024 cores";
}

std::string a_share(std::string_view value) {
  const auto share = parse_share(value);
  return share && *share > 0 && *share <= 10 ? "" : "must be a share above 0, as in 5%";
}

std::string client_quota(std::string_view entry) {
  const auto equals = entry.find('=');
  const auto name = entry.substr(0, equals), value = entry.substr(equals + 1);
  static const std::vector<std::string> known{"producer_byte_rate", "consumer_byte_rate",
                                              "request_percentage"};
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    const auto hint = did_you_mean(name, known);
    return "unknown quota '" + std::string(name) + "'" +
           (hint.empty() ? "; there are producer_byte_rate, consumer_byte_rate, request_percentage"
                         : hint);
  }
  if (quota_value(name, value) > 0) return "";
  return "'" + std::string(value) + "' is " +
         (name.ends_with("_rate") ? "no size above 0; write it as in 200kB, meant per second"
                                  : "no number above 0; write it as in 50, meant percent");
}

// Kafka's storage tool takes both within brackets, separated by commas.
std::string scram_user(std::string_view entry) {
  const auto equals = entry.find('=');
  if (auto wrong = wrong_name(entry.substr(0, equals), longest_name); !wrong.empty()) return wrong;
  const bool empty = equals + 1 == entry.size();
  if (!empty && entry.find_first_of(",[]\"' \\") == std::string_view::npos) return "";
  return "a user's password must not be empty, nor contain commas, brackets, quotes, "
         "backslashes or spaces";
}

// Which there are, and up to which level, the release's storage tool knows.
std::string kafka_feature(std::string_view entry) {
  const auto equals = entry.find('=');
  const auto name = entry.substr(0, equals), value = entry.substr(equals + 1);
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz.";
  if (!name.ends_with(".version") || name.find_first_not_of(letters) != std::string_view::npos) {
    return "'" + std::string(name) +
           "' is no feature of Kafka; write it as in eligible.leader.replicas.version";
  }
  const auto level = parse_integer(value);
  return level && *level >= 0 && *level <= std::numeric_limits<std::int16_t>::max()
             ? ""
             : "'" + std::string(value) + "' is no level of " + std::string(name) +
                   ": levels are whole numbers from 0 on";
}

std::string with_hint(const Error& error) {
  return error.hint.empty() ? error.message : error.message + "; " + error.hint;
}

std::string after_trigger(std::string_view value) {
  if (value.starts_with("fault")) {
    const auto fault = parse_after_fault(value);
    return fault ? "" : with_hint(fault.error());
  }
  return acked_count(value) > 0
             ? ""
             : "'" + std::string(value) +
                   "' is not a count of acks; write it as in 50000 acked, or name a fault: fault "
                   "NAME healed";
}

std::string when_trigger(std::string_view value) {
  const auto condition = parse_when(value);
  return condition ? "" : with_hint(condition.error());
}

std::string short_name(std::string_view value) { return wrong_name(value, longest_name); }

constexpr std::array<TopKey, 17> top_table{{
    {"name", "short name of the scenario, of a-z 0-9 -; names the run's folder"},
    {"title", "the question it asks"},
    {"hypothesis", "the answer it expects; stands beside the outcome in the report"},
    {"cluster", "brokers to start"},
    {"topics", "topics to create, by name"},
    {"workloads", "what clients do, by name"},
    {"matrix", "axes and their values: one variant per combination, put in by ${axis}"},
    {"phases", "how long each phase of a trial lasts, or may last"},
    {"timeline", "faults and when they strike"},
    {"chaos",
     "in place of timeline: faults drawn from the seed: every, faults (their weights, or a map of "
     "weight and options), within, targets, shortest, longest"},
    {"history", "full: write every operation to history-trial-N.jsonl, for `check`; default none"},
    {"allow_in_broker_logs",
     "list of what brokers may log without failing the run: a kind of line (see `list`), or a part "
     "of its text"},
    {"expect", "what must hold for the run to pass"},
    {"show",
     "list of metrics that cards and tables begin with, as in [group_skipped, "
     "p99(produce.response)]; default: those of expect, first what only some variants must hold"},
    {"gate",
     "two ways to run the scenario, for `gate`: baseline and candidate (settings, as --set takes "
     "them), metrics, budget"},
    {"seed", "of all that is drawn; --seed goes first, 1 if there is neither"},
    {"repeat", "trials per variant"},
}};

// Where a cluster is and what stands around it.
const std::vector<OptionSpec>& surrounding_keys() {
  using enum OptionType;
  static const std::vector<OptionSpec> keys{
      {"data",
       text,
       "",
       "folder for the brokers' data; default: tmpfs where there is room",
       {},
       false,
       nullptr},
      {"log_dirs",
       integer,
       "1",
       "folders of data of each broker (log.dirs); the first has the cluster's metadata",
       {},
       false,
       few_log_dirs},
      {"proxy",
       boolean,
       "false",
       "put the proxy before all listeners, as faults of the network and of requests do",
       {},
       false,
       nullptr},
      {"broker_metrics",
       boolean,
       "true",
       "ask brokers' JVMs once a second; local clusters only",
       {},
       false,
       nullptr},
      {"start_budget", duration, "90s", "for the cluster to come up", {}, false, positive_span},
      {"bootstrap",
       text,
       "",
       "external clusters only: where the brokers are, as HOST:PORT,HOST:PORT",
       {},
       false,
       nullptr},
      {"properties",
       text,
       "",
       "external clusters only: a client.properties, as Kafka's own tools take it, that says how "
       "to connect; ${env:NAME} in it stands for secrets",
       {},
       false,
       nullptr},
  };
  return keys;
}

}  // namespace

std::span<const TopKey> top_keys() { return top_table; }

double quota_value(std::string_view name, std::string_view text) {
  if (name.ends_with("_rate")) {
    const auto bytes = parse_size(text);
    return bytes ? static_cast<double>(*bytes) : 0;
  }
  const auto percent = parse_number(text);
  return percent && *percent > 0 ? *percent : 0;
}

const std::vector<OptionSpec>& cluster_keys() {
  using enum OptionType;
  static const std::vector<OptionSpec> keys{
      {"kind", text, "auto", "auto or a cluster kind", {}, false, nullptr},
      {"version", text, "4.3.1", "Kafka's release", {}, false, release},
      {"brokers", integer, "3", "how many", {}, false, few_brokers},
      {"controllers",
       text,
       "1",
       "separate controllers, or combined: brokers vote",
       {},
       false,
       controller_count},
      {"timeouts",
       choice,
       "fast",
       "how soon brokers are given up",
       {"fast", "kafka-defaults"},
       false,
       nullptr},
      {"config", properties, "", "broker properties by Kafka's names", {}, false, nullptr},
      {"quotas",
       properties,
       "",
       "what each broker allows each client: producer_byte_rate, consumer_byte_rate (a size, per "
       "second), request_percentage (of one thread's time)",
       {},
       false,
       client_quota},
      {"users",
       properties,
       "",
       "who may log in by SCRAM, and with which password; local clusters only",
       {},
       false,
       scram_user},
      {"features",
       properties,
       "",
       "levels of Kafka's features, as in eligible.leader.replicas.version: 0; default: the "
       "release's own; local clusters only",
       {},
       false,
       kafka_feature},
      {"racks",
       text,
       "",
       "list of racks, as in [east, west], that brokers belong to in turn (broker.rack)",
       {},
       false,
       nullptr},
      {"heap", text, "512m", "of each JVM", {}, false, heap_size},
      {"cpus",
       number,
       "",
       "cores that each node may use, as in 0.8; default: as many as there are",
       {},
       false,
       few_cpus},
  };
  static const std::vector<OptionSpec> all = [] {
    std::vector<OptionSpec> out = keys;
    out.insert(out.end(), surrounding_keys().begin(), surrounding_keys().end());
    return out;
  }();
  return all;
}

const std::vector<OptionSpec>& topic_keys() {
  using enum OptionType;
  static const std::vector<OptionSpec> keys{
      {"partitions", integer, "1", "how many", {}, false, few_partitions},
      {"replication", integer, "1", "copies of each partition", {}, false, few_brokers},
      {"config", properties, "", "topic properties by Kafka's names", {}, false, nullptr},
  };
  return keys;
}

const std::vector<OptionSpec>& workload_keys() {
  static const std::vector<OptionSpec> keys{
      {"kind", OptionType::text, "", "what clients do", {}, true, nullptr},
      {"client_library", OptionType::text, "",
       "another librdkafka for its lanes, in processes of their own: a file, or a version such as "
       "2.16.0",
       {}, false, nullptr},
  };
  return keys;
}

const std::vector<OptionSpec>& phase_keys() {
  using enum OptionType;
  static const std::vector<OptionSpec> keys{
      {"warmup",
       duration,
       "5s",
       "load before measure, audited, not measured: at least so long, and until it is steady (60s "
       "at most); or {at_least: 5s, at_most: 60s}",
       {},
       false,
       nullptr},
      {"measure",
       duration,
       "10s",
       "the span that counts; `at:` starts with it",
       {},
       false,
       positive_span},
      {"settle",
       duration,
       "30s",
       "budget for what is in flight at the end",
       {},
       false,
       positive_span},
      {"recover", duration, "60s", "budget for full ISR after healing", {}, false, positive_span},
      {"audit", duration, "120s", "budget for reading every partition", {}, false, positive_span},
  };
  return keys;
}

const std::vector<OptionSpec>& warmup_keys() {
  using enum OptionType;
  static const std::vector<OptionSpec> keys{
      {"at_least", duration, "5s", "load before measure, however steady it is", {}, false, nullptr},
      {"at_most",
       duration,
       "60s",
       "then measure begins; not steady by then: every latency of the trial is unknown",
       {},
       false,
       nullptr},
  };
  return keys;
}

const std::vector<OptionSpec>& timeline_keys() {
  using enum OptionType;
  static const std::vector<OptionSpec> keys{
      {"at", duration, "", "time since the start of measure", {}, false, nullptr},
      {"after",
       text,
       "",
       "`N acked`: messages acked since the start of measure; `fault NAME effective` or `fault "
       "NAME "
       "healed`: another entry, by its name",
       {},
       false,
       after_trigger},
      {"when",
       text,
       "",
       "what must have come about: isr(orders/0) < 3, lag(readers) > 10000 (messages that a "
       "workload or group has not read), moved(leader(orders/0)) (since measure began)",
       {},
       false,
       when_trigger},
      {"every",
       duration,
       "",
       "again and again, first after so long, or at `at`",
       {},
       false,
       positive_span},
      {"jitter",
       duration,
       "",
       "of every: each time up to so much later, drawn from the seed",
       {},
       false,
       nullptr},
      {"delay", duration, "", "from the trigger to the action", {}, false, nullptr},
      {"name",
       text,
       "",
       "by which the triggers of other entries refer to it",
       {},
       false,
       short_name},
      {"fault", text, "", "the action", {}, true, nullptr},
      {"target",
       text,
       "",
       "whom it hits, as in leader(orders/0); several in brackets; of faults that administer the "
       "cluster: cluster, which may be left out",
       {},
       false,
       nullptr},
      {"heal_after",
       duration,
       "",
       "time until it is undone; default: when measure ends",
       {},
       false,
       positive_span},
  };
  return keys;
}

const std::vector<OptionSpec>& chaos_keys() {
  using enum OptionType;
  static const std::vector<OptionSpec> keys{
      {"every", duration, "10s", "a period; a quarter of them is quiet", {}, false, positive_span},
      {"within",
       choice,
       "tolerated",
       "whether no more is broken at once than replication tolerates",
       {"tolerated", "beyond"},
       false,
       nullptr},
      {"targets",
       text,
       "",
       "list of whom it may hit: broker, leader, follower, followers, controller; default: all "
       "that "
       "`within` allows",
       {},
       false,
       nullptr},
      {"shortest", duration, "500ms", "that a fault lasts", {}, false, positive_span},
      {"longest",
       duration,
       "",
       "that a fault lasts; default: half a period",
       {},
       false,
       positive_span},
  };
  return keys;
}

const std::vector<OptionSpec>& gate_keys() {
  using enum OptionType;
  static const std::vector<OptionSpec> keys{
      {"budget",
       duration,
       "",
       "time for the whole gate, as in 15m: it chooses how many pairs are looked at",
       {},
       false,
       positive_span},
  };
  return keys;
}

const std::vector<OptionSpec>& gated_metric_keys() {
  using enum OptionType;
  static const std::vector<OptionSpec> keys{
      {"metric",
       text,
       "",
       "as expectations write it, as in p99(produce.response)",
       {},
       true,
       nullptr},
      {"gates", boolean, "true", "false: it is shown and decides nothing", {}, false, nullptr},
      {"delta",
       text,
       "",
       "how much worse fails, as in 5%; default: by the metric",
       {},
       false,
       a_share},
      {"delta_max",
       text,
       "",
       "how much worse must be excluded to pass; default: twice delta",
       {},
       false,
       a_share},
  };
  return keys;
}

const std::vector<OptionSpec>& expect_keys() {
  using enum OptionType;
  static const std::vector<OptionSpec> keys{
      {"that",
       text,
       "",
       "what must hold, as in acked_lost == 0 or p99(produce.response) < 50ms",
       {},
       false,
       nullptr},
      {"control",
       text,
       "",
       "in place of that: what shows that the trial put something to the test, as in acked_lost > "
       "0 for the setting that loses; where it does not hold the trial is invalid, not failed, and "
       "a broken promise that it demands is no failure",
       {},
       false,
       nullptr},
      {"over",
       choice,
       "each",
       "the trials it must hold for",
       {"each", "any", "sum"},
       false,
       nullptr},
      {"outside", choice, "", "leaves spans out", {"faults"}, false, nullptr},
  };
  return keys;
}

std::uint64_t heap_mib(std::string_view text) {
  if (text.empty()) return 0;
  constexpr std::uint64_t mib = 1ULL << 20;
  const char last = text.back();
  const auto digits = parse_integer(text.substr(0, text.size() - 1));
  if (digits && *digits > 0 && *digits < 1'000'000) {
    const auto n = static_cast<std::uint64_t>(*digits);
    if (last == 'm' || last == 'M') return n;
    if (last == 'g' || last == 'G') return n * 1024;
  }
  const auto size = parse_size(text);
  return size && *size % mib == 0 ? *size / mib : 0;
}

std::uint64_t acked_count(std::string_view text) {
  constexpr std::string_view word = " acked";
  if (!text.ends_with(word)) return 0;
  const auto n = parse_integer(text.substr(0, text.size() - word.size()));
  return n && *n > 0 ? static_cast<std::uint64_t>(*n) : 0;
}

}  // namespace seatrial::scenario
