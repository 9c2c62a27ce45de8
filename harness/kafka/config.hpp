// Client settings by librdkafka's own names: checked against the library that is loaded, turned
// into a client, and read back as they took effect. Connects to nothing.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "kafka/handle.hpp"

namespace seatrial::kafka {

using Properties = std::map<std::string, std::string>;

enum class ClientType { producer, consumer };

// Of a client's settings those that say how it connects: security.protocol, ssl.*, sasl.* and what
// switches parts of these on. With them another client connects to the same listener.
[[nodiscard]] Properties security_properties(const Properties& properties);

[[nodiscard]] std::string library_version();  // of the library loaded: "2.0.2"

// Every property that the library accepts, aliases included, in alphabetical order.
[[nodiscard]] const std::vector<std::string>& known_client_properties();
// `queue.buffering.max.ms` for `linger.ms`; a name that is no alias is returned as it is.
[[nodiscard]] std::string canonical_property(std::string_view name);

// What is wrong with one property, or an empty string: the name is unknown (with the nearest valid
// one) or of the other kind of client, or the value is not in its range.
[[nodiscard]] std::string check_property(ClientType type, const std::string& name,
                                         const std::string& value);

// The settings as the library's object. The error names the property, or the two names of one.
Result<ConfHandle> make_conf(const Properties& properties);

// A client made of `conf`, which the library takes over only if it succeeds. Errors are what only
// the whole tells: settings that contradict each other.
Result<ClientHandle> make_client(ClientType type, ConfHandle conf);

// What the client runs with: every property of its kind under its canonical name and its aliases,
// `acks` as 0, 1 or all, and secrets masked.
[[nodiscard]] Properties effective_config(rd_kafka_t& client);
// The same for settings of which no client is made yet: defaults filled in, and consequences drawn
// (enable.idempotence=true sets acks and limits the requests in flight).
Result<Properties> effective_config(ClientType type, const Properties& properties);

// Whether the value must not reach a record, a log or a report: anything named after a password,
// secret or key, and everything that may hold one.
[[nodiscard]] bool is_secret(std::string_view property);

}  // namespace seatrial::kafka
