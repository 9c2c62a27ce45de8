// The names of a Kafka version's broker and topic settings, from the version's own definitions, so
// that a misspelt one is found before anything starts. Read once from the jars and kept in the
// cache.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seatrial::clusters {

struct PropertyNames {
  std::vector<std::string> broker, topic;  // sorted
  friend bool operator==(const PropertyNames&, const PropertyNames&) = default;
};

// Nothing if they are neither cached nor cheap to get: without jars or java. Costs two starts of a
// JVM (about 1.5 s) the first time.
std::optional<PropertyNames> property_names(const std::string& version);

// Names in the HTML that Kafka's configuration classes print: anchors `<group>configs_<name>`.
// Pure.
std::vector<std::string> parse_config_html(std::string_view html, std::string_view group);

// The cache file: lines of `broker NAME` and `topic NAME`. Pure.
std::string to_text(const PropertyNames& names);
std::optional<PropertyNames> parse_property_names(std::string_view text);

}  // namespace seatrial::clusters
