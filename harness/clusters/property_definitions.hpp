// A Kafka version's broker and topic settings, with what values each can have, from the version's
// own definitions, so that a wrong one is found before a broker starts. Read once from the jars, or
// from the image where there are no jars, and kept in the cache.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/property.hpp"
#include "core/result.hpp"

namespace seatrial::clusters {

struct PropertyDefinitions {
  std::vector<PropertyDefinition> broker, topic;  // by name
  friend bool operator==(const PropertyDefinitions&, const PropertyDefinitions&) = default;
};

// Nothing if they are neither cached nor cheap to get: without jars or java. Costs two starts of a
// JVM (about 1.5 s) the first time.
std::optional<PropertyDefinitions> property_definitions(const std::string& version);

// The same, but gets what the kind needs anyway to learn them: the jars of a local cluster, the
// image of a compose one. Nothing if they cannot be had (the mock has none); the Error says
// what could not be fetched. Throws Interrupted.
Result<std::optional<PropertyDefinitions>> learn_property_definitions(const std::string& kind,
                                                                      const std::string& version,
                                                                      const std::stop_token& stop);

// What the HTML that Kafka's configuration classes print holds of that group: anchors
// `<group>configs_<name>`, each with a table of its type and its valid values. Pure.
std::vector<PropertyDefinition> parse_config_html(std::string_view html, std::string_view group);

// The cache file: lines of `broker|topic NAME TYPE LEAST MOST CHOICES`, `-` where there is none.
// Pure.
std::string to_text(const PropertyDefinitions& names);
std::optional<PropertyDefinitions> parse_property_definitions(std::string_view text);

}  // namespace seatrial::clusters
