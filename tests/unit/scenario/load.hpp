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
inline scenario::PropertyNames some_names() {
  return {
      .client = {"acks", "linger.ms", "batch.size", "enable.idempotence", "auto.offset.reset",
                 "auto.commit.interval.ms", "topic.metadata.refresh.interval.ms",
                 "reconnect.backoff.max.ms", "client.id", "sasl.password",
                 "security.protocol"},
      .topic = {"min.insync.replicas", "retention.ms", "unclean.leader.election.enable"},
      .broker = {"min.insync.replicas", "broker.session.timeout.ms", "num.io.threads", "node.id"}};
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
