// Where a cluster is and what it takes to connect there, for the harness's own clients. An address
// alone stands for plaintext.
#pragma once

#include <string>
#include <utility>

#include "kafka/config.hpp"
#include "kafka/wire/security.hpp"

namespace seatrial::kafka {

struct Access {
  Access() = default;
  Access(std::string addresses, Properties how = {})  // NOLINT: implicit by design
      : bootstrap(std::move(addresses)), properties(std::move(how)) {}
  Access(const char* addresses) : bootstrap(addresses) {}  // NOLINT

  std::string bootstrap;  // host:port, several separated by commas
  Properties properties;  // security_properties, by librdkafka's names; may hold secrets

  // `own` and how to connect, for a client of librdkafka.
  [[nodiscard]] Properties with(Properties own) const {
    own["bootstrap.servers"] = bootstrap;
    own.insert(properties.begin(), properties.end());
    return own;
  }
  // For connections by wire; see Security::from.
  [[nodiscard]] Result<wire::SecurityPtr> security() const {
    return wire::Security::from(properties);
  }
};

}  // namespace seatrial::kafka
