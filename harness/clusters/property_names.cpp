// Implements clusters/property_names.hpp.
#include "clusters/property_names.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "clusters/files.hpp"
#include "clusters/jars.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> ask(const fs::path& java, const fs::path& lib, const char* main_class,
                             std::string_view group) {
  const auto outcome = run_tool({java.string(), "-XX:TieredStopAtLevel=1", "-cp",
                                 (lib / "*").string(), main_class},
                                std::chrono::seconds(30));
  return outcome.ok() ? parse_config_html(outcome.out, group) : std::vector<std::string>{};
}

}  // namespace

std::optional<PropertyNames> property_names(const std::string& version) {
  const auto cache = kafka_cache(version);
  if (!cache) return std::nullopt;
  const auto file = *cache / "property-names.txt";
  if (const auto text = read_file(file)) {
    if (auto names = parse_property_names(*text)) return names;
  }
  const auto lib = *cache / "lib";
  const auto java = find_java();
  if (!java || !fs::exists(lib)) return std::nullopt;
  PropertyNames names{
      .broker = ask(*java, lib, "kafka.server.KafkaConfig", "broker"),
      .topic = ask(*java, lib, "org.apache.kafka.storage.internals.log.LogConfig", "topic")};
  if (names.broker.empty() || names.topic.empty()) return std::nullopt;
  try {
    write_file(file, to_text(names));
  } catch (const InfrastructureError& error) {
    notice(error.what());  // only the next start is slower for it
  }
  return names;
}

std::vector<std::string> parse_config_html(std::string_view html, std::string_view group) {
  const std::string anchor = "id=\"" + std::string(group) + "configs_";
  std::vector<std::string> names;
  for (auto at = html.find(anchor); at != std::string_view::npos; at = html.find(anchor, at)) {
    at += anchor.size();
    const auto end = html.find('"', at);
    if (end == std::string_view::npos) break;
    names.emplace_back(html.substr(at, end - at));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string to_text(const PropertyNames& names) {
  std::string text;
  for (const auto& name : names.broker) text += "broker " + name + "\n";
  for (const auto& name : names.topic) text += "topic " + name + "\n";
  return text;
}

std::optional<PropertyNames> parse_property_names(std::string_view text) {
  PropertyNames names;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;  // cut short
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const auto group = line.substr(0, space);
    if (group != "broker" && group != "topic") return std::nullopt;
    (group == "broker" ? names.broker : names.topic).emplace_back(line.substr(space + 1));
  }
  if (names.broker.empty() || names.topic.empty()) return std::nullopt;
  return names;
}

}  // namespace seatrial::clusters
