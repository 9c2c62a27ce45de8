// Loads scenarios for tests: the plug-ins that are linked, a few known property names, a fixed
// environment.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenario/scenario.hpp"

namespace seatrial::test {

// Enough names to be right, wrong, or nearly right.
inline scenario::KnownProperties some_names() {
  using enum PropertyDefinition::Type;
  const scenario::KnownProperties::OfRelease release{
      .topic = {{.name = "cleanup.policy", .type = list, .choices = {"compact", "delete"}},
                {.name = "leader.replication.throttled.replicas"},
                {.name = "max.message.bytes", .type = integer, .least = 0},
                {.name = "min.insync.replicas", .type = integer, .least = 1},
                {.name = "retention.ms", .type = integer, .least = -1, .most = 0x1p63},
                {.name = "unclean.leader.election.enable", .type = boolean}},
      .broker = {{.name = "broker.session.timeout.ms", .type = integer},
                 {.name = "compression.type", .choices = {"producer", "zstd"}},
                 {.name = "log.cleaner.min.cleanable.ratio", .type = number, .least = 0, .most = 1},
                 {.name = "message.max.bytes", .type = integer, .least = 0},
                 {.name = "min.insync.replicas", .type = integer, .least = 1},
                 {.name = "node.id", .type = integer},
                 {.name = "num.io.threads", .type = integer, .least = 1},
                 {.name = "sasl.jaas.config"}}};
  return {.client = {"acks", "linger.ms", "batch.size", "enable.idempotence", "auto.offset.reset",
                     "auto.commit.interval.ms", "topic.metadata.refresh.interval.ms",
                     "reconnect.backoff.max.ms", "client.id", "sasl.password", "security.protocol",
                     "message.timeout.ms", "message.max.bytes", "queue.buffering.max.messages"},
          .client_numbers = {{.name = "message.timeout.ms", .type = integer, .least = 0},
                             {.name = "message.max.bytes", .type = integer, .least = 1000},
                             {.name = "queue.buffering.max.messages", .type = integer, .least = 0}},
          .kafka = {{ClusterSpec{}.version, release}, {"3.9.2", release}}};
}

inline scenario::Request request(std::string path, std::string text) {
  scenario::Request out;
  out.path = std::move(path);
  out.text = std::move(text);
  out.names = some_names();
  out.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "RATE") return "700/s";
    if (name == "PASSWORD") return "hunter2hunter2";
    return std::nullopt;
  };
  return out;
}

inline scenario::Outcome load(const std::string& text, std::vector<std::string> settings = {},
                              std::optional<std::uint64_t> seed = {}) {
  auto asked = request("test.yaml", text);
  asked.settings = std::move(settings);
  asked.seed = seed;
  return scenario::load(asked);
}

}  // namespace seatrial::test
