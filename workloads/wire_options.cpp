// The closed list, and the reasons for what is not on it.
#include "workloads/wire_options.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/check.hpp"
#include "core/numbers.hpp"
#include "core/units.hpp"
#include "kafka/wire/security.hpp"
#include "workloads/client_options.hpp"

namespace seatrial::workloads {
namespace {

// By canonical name.
constexpr std::array<std::string_view, 12> taken = {
    "acks",
    "batch.num.messages",
    "batch.size",
    "compression.codec",
    "enable.idempotence",
    "linger.ms",
    "max.in.flight.requests.per.connection",
    "message.timeout.ms",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.messages",
    "request.timeout.ms",
    "socket.timeout.ms",
};
constexpr std::string_view in_flight_name = "max.in.flight.requests.per.connection";
constexpr std::int64_t default_in_flight = 5;
constexpr std::int64_t most_in_flight = 64;

struct Refusal {
  std::string_view begins;  // of the name
  std::string_view why;
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

std::string list_of_taken() {
  std::string list;
  for (const auto name : taken) list += (list.empty() ? "" : ", ") + std::string(name);
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

bool is_taken(std::string_view name) {
  return kafka::wire::understood_by_security(name) ||
         std::ranges::find(taken, canonical(name)) != taken.end();
}

}  // namespace

std::string refused_by_wire(std::string_view name) {
  if (is_taken(name)) return {};
  const auto it = std::ranges::find_if(
      refusals, [&](const Refusal& refusal) { return name.starts_with(refusal.begins); });
  const std::string why = it == refusals.end() ? "it knows no such thing" : std::string(it->why);
  return "'" + std::string(name) + "' is not for `engine: wire`: " + why + "; it takes " +
         list_of_taken();
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

kafka::Properties wire_properties(const kafka::Properties& properties) {
  auto asked = properties;
  const bool reported = std::ranges::any_of(
      properties, [](const auto& entry) { return canonical(entry.first) == in_flight_name; });
  if (!reported) asked[std::string(in_flight_name)] = std::to_string(default_in_flight);
  kafka::Properties out = effective_or_throw(kafka::ClientType::producer, asked);
  std::erase_if(out, [&](const auto& entry) {
    return !is_taken(entry.first) ||
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
  max_in_flight = static_cast<int>(number("max.in.flight.requests.per.connection"));
  linger_ns = ns("linger.ms");
  batch_bytes = static_cast<std::size_t>(number("batch.size"));
  batch_messages = static_cast<std::size_t>(number("batch.num.messages"));
  request_timeout_ms = static_cast<std::int32_t>(number("request.timeout.ms"));
  socket_timeout_ns = ns("socket.timeout.ms");
  const std::int64_t expires_ns = ns("message.timeout.ms");
  message_timeout_ns = expires_ns == 0 ? INT64_MAX : expires_ns;
  queue_messages = static_cast<std::uint64_t>(number("queue.buffering.max.messages"));
  queue_bytes = static_cast<std::uint64_t>(number("queue.buffering.max.kbytes")) * 1024;
  const std::string& name = effective.at("compression.codec");
  using kafka::wire::Codec;
  codec = name == "lz4" ? Codec::lz4 : name == "zstd" ? Codec::zstd : Codec::none;
  check(name == "none" || codec != Codec::none, "the codec was validated");
}

}  // namespace seatrial::workloads
