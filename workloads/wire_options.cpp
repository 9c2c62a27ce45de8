// The closed list, and the reasons for what is not on it.
#include "workloads/wire_options.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "core/check.hpp"
#include "core/numbers.hpp"
#include "core/options_refused.hpp"
#include "core/units.hpp"
#include "kafka/wire/security.hpp"
#include "workloads/client_options.hpp"

namespace seatrial::workloads {
namespace {

// By canonical name; those of both kinds of lane, and those of one.
constexpr std::array<std::string_view, 10> taken_by_both = {
    "acks",
    "batch.num.messages",
    "batch.size",
    "compression.codec",
    "enable.idempotence",
    "message.timeout.ms",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.messages",
    "request.timeout.ms",
    "socket.timeout.ms",
};
constexpr std::array<std::string_view, 2> taken_by_producer = {
    "linger.ms", "max.in.flight.requests.per.connection"};
constexpr std::array<std::string_view, 2> taken_by_transactional = {"transaction.timeout.ms",
                                                                    "transactional.id"};
constexpr std::string_view in_flight_name = "max.in.flight.requests.per.connection";
constexpr std::int64_t default_in_flight = 5;
constexpr std::int64_t most_in_flight = 64;

std::span<const std::string_view> taken_by(WireLaneKind kind) {
  if (kind == WireLaneKind::transactional) return taken_by_transactional;
  return taken_by_producer;
}

struct Refusal {
  std::string_view begins;  // of the name
  std::string_view why;
};
constexpr std::array transactional_refusals = {
    Refusal{"linger.ms", "messages leave when their batch is full, or their transaction ends"},
    Refusal{"queue.buffering.max.ms",
            "messages leave when their batch is full, or their transaction ends"},
    Refusal{"max.in.flight", "it sends one request at a time"},
    Refusal{"retries", "it sends again until message.timeout.ms"},
    Refusal{"message.send.max.retries", "it sends again until message.timeout.ms"},
    Refusal{"retry.backoff", "it sends again after 100 ms"},
};
constexpr std::array refusals = {
    Refusal{"ssl.", "its TLS knows no such thing"},
    Refusal{"sasl.", "it logs in by PLAIN and SCRAM only"},
    Refusal{"enable.sasl", "it logs in by PLAIN and SCRAM only"},
    Refusal{"transaction", "it takes no part in transactions"},
    Refusal{"group.", "it is no consumer"},
    Refusal{"retries", "it sends again only with enable.idempotence, until message.timeout.ms"},
    Refusal{"message.send.max.retries",
            "it sends again only with enable.idempotence, until message.timeout.ms"},
    Refusal{"retry.backoff", "it sends again after 100 ms, and only with enable.idempotence"},
    Refusal{"message.max.bytes", "batch.size alone bounds its requests"},
    Refusal{"compression.level", "it compresses at the libraries' own levels"},
};

std::string list_of_taken(WireLaneKind kind) {
  std::vector<std::string_view> all(taken_by_both.begin(), taken_by_both.end());
  const auto own = taken_by(kind);
  all.insert(all.end(), own.begin(), own.end());
  std::erase(all, "transactional.id");  // the lane's own
  std::ranges::sort(all);
  std::string list;
  for (const auto name : all) list += (list.empty() ? "" : ", ") + std::string(name);
  return list + ", and how to connect (security.protocol, ssl.*, sasl.*)";
}

// A librdkafka of another version may call either name the alias.
std::string_view canonical(std::string_view name) {
  static constexpr std::array<std::array<std::string_view, 2>, 5> aliases = {{
      {"request.required.acks", "acks"},
      {"compression.type", "compression.codec"},
      {"queue.buffering.max.ms", "linger.ms"},
      {"max.in.flight", "max.in.flight.requests.per.connection"},
      {"delivery.timeout.ms", "message.timeout.ms"},
  }};
  const auto it = std::ranges::find(aliases, name, [](const auto& pair) { return pair[0]; });
  return it == aliases.end() ? name : (*it)[1];
}

bool is_taken(std::string_view name, WireLaneKind kind) {
  const auto among = [&](std::span<const std::string_view> all) {
    return std::ranges::find(all, canonical(name)) != all.end();
  };
  return kafka::wire::understood_by_security(name) || among(taken_by_both) || among(taken_by(kind));
}

std::string_view why_refused(std::string_view name, WireLaneKind kind) {
  const auto begins = [&](const Refusal& refusal) { return name.starts_with(refusal.begins); };
  if (kind == WireLaneKind::transactional) {
    const auto own = std::ranges::find_if(transactional_refusals, begins);
    if (own != transactional_refusals.end()) return own->why;
  }
  const auto it = std::ranges::find_if(refusals, begins);
  return it == refusals.end() ? "it knows no such thing" : it->why;
}

}  // namespace

std::string refused_by_wire(std::string_view name, WireLaneKind kind) {
  if (is_taken(name, kind)) return {};
  return "'" + std::string(name) +
         "' is not for `engine: wire`: " + std::string(why_refused(name, kind)) + "; it takes " +
         list_of_taken(kind);
}

std::string refused_by_wire(std::string_view name, std::string_view value) {
  if (auto why = kafka::wire::refused_by_security(name, value); !why.empty()) return why;
  const std::string_view known = canonical(name);
  if (known == "compression.codec" && (value == "gzip" || value == "snappy")) {
    return "'" + std::string(name) + "': `engine: wire` compresses as lz4 or zstd, not as " +
           std::string(value);
  }
  const auto number = parse_integer(value);
  if (known == in_flight_name && number && *number > most_in_flight) {
    return "'" + std::string(name) + "': `engine: wire` has at most " +
           std::to_string(most_in_flight) + " requests in flight";
  }
  return {};
}

void refuse_for_wire(const kafka::Properties& properties, WireLaneKind kind) {
  std::vector<OptionProblem> problems;
  for (const auto& [name, value] : properties) {
    std::string why = refused_by_wire(name, kind);
    if (why.empty()) why = refused_by_wire(name, value);
    if (!why.empty()) problems.push_back({"properties." + name, "properties: " + why});
  }
  if (!problems.empty()) throw OptionsRefused(std::move(problems));
}

kafka::Properties wire_properties(const kafka::Properties& properties, WireLaneKind kind) {
  auto asked = properties;
  const bool reported = std::ranges::any_of(
      properties, [](const auto& entry) { return canonical(entry.first) == in_flight_name; });
  if (!reported) asked[std::string(in_flight_name)] = std::to_string(default_in_flight);
  kafka::Properties out = effective_or_throw(kafka::ClientType::producer, asked);
  std::erase_if(out, [&](const auto& entry) {
    return !is_taken(entry.first, kind) ||
           (kafka::wire::is_security(entry.first) && !properties.contains(entry.first));
  });
  return out;
}

WireSettings::WireSettings(const kafka::Properties& effective) {
  const auto number = [&](const char* name) { return number_in(effective, name); };
  const auto ns = [&](const char* name) { return std::llround(number(name) * 1e6); };
  const std::string& reported_acks = effective.at("acks");
  acks = reported_acks == "0"     ? ledger::Acks::none
         : reported_acks == "all" ? ledger::Acks::all
                                  : ledger::Acks::leader;
  idempotent = effective.at("enable.idempotence") == "true";
  const bool transactional = effective.contains("transactional.id");
  if (transactional) {
    transaction_timeout_ms = static_cast<std::int32_t>(number("transaction.timeout.ms"));
  } else {
    max_in_flight = static_cast<int>(number("max.in.flight.requests.per.connection"));
    linger_ns = ns("linger.ms");
  }
  batch_bytes = static_cast<std::size_t>(number("batch.size"));
  batch_messages = static_cast<std::size_t>(number("batch.num.messages"));
  request_timeout_ms = static_cast<std::int32_t>(number("request.timeout.ms"));
  socket_timeout_ns = ns("socket.timeout.ms");
  const std::int64_t expires_ns = ns("message.timeout.ms");
  message_timeout_ns = expires_ns == 0 ? INT64_MAX : expires_ns;
  // Nobody waits for them in a transaction that the coordinator has aborted.
  if (transactional)
    message_timeout_ns = std::min(message_timeout_ns, transaction_timeout_ms * INT64_C(1'000'000));
  queue_messages = static_cast<std::uint64_t>(number("queue.buffering.max.messages"));
  queue_bytes = static_cast<std::uint64_t>(number("queue.buffering.max.kbytes")) * 1024;
  const std::string& name = effective.at("compression.codec");
  using kafka::wire::Codec;
  codec = name == "lz4" ? Codec::lz4 : name == "zstd" ? Codec::zstd : Codec::none;
  check(name == "none" || codec != Codec::none, "the codec was validated");
}

}  // namespace seatrial::workloads
