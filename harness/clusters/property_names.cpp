// Implements clusters/property_names.hpp.
#include "clusters/property_names.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "clusters/engine.hpp"
#include "clusters/files.hpp"
#include "clusters/jars.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

constexpr auto answer_time = std::chrono::minutes(2);  // a second, but for a machine that is busy

// `java`: the command that starts it where the jars are `class_path`. Keeps what it learns.
std::optional<PropertyNames> ask(const std::vector<std::string>& java,
                                 const std::string& class_path, const fs::path& cache,
                                 const ToolOptions& options) {
  const auto names_of = [&](const char* main_class, std::string_view group) {
    auto argv = java;
    argv.insert(argv.end(), {"-XX:TieredStopAtLevel=1", "-cp", class_path, main_class});
    const auto outcome = run_tool(argv, answer_time, options);
    if (options.stop.stop_requested()) throw Interrupted();
    return outcome.ok() ? parse_config_html(outcome.out, group) : std::vector<std::string>{};
  };
  PropertyNames names{
      .broker = names_of("kafka.server.KafkaConfig", "broker"),
      .topic = names_of("org.apache.kafka.storage.internals.log.LogConfig", "topic")};
  if (names.broker.empty() || names.topic.empty()) return std::nullopt;
  try {
    fs::create_directories(cache);
    write_file(cache / "property-names.txt", to_text(names));
  } catch (const std::exception& error) {
    notice(error.what());  // only the next start is slower for it
  }
  return names;
}

// Where apache/kafka has its jars, and our own image too.
constexpr const char* jars_in_image = "/opt/kafka/libs/*";

}  // namespace

std::optional<PropertyNames> property_names(const std::string& version) {
  const auto cache = kafka_cache(version);
  if (!cache) return std::nullopt;
  if (const auto text = file_text(*cache / "property-names.txt")) {
    if (auto names = parse_property_names(*text)) return names;
  }
  const auto lib = *cache / "lib";
  const auto java = find_java();
  if (!java || !fs::exists(lib)) return std::nullopt;
  return ask({java->program.string()}, (lib / "*").string(), *cache,
             {.env = {}, .cwd = {}, .stop = program_stop(), .show_output = false, .in = nullptr, .bare = true});
}

Result<std::optional<PropertyNames>> learn_property_names(const std::string& kind,
                                                          const std::string& version,
                                                          const std::stop_token& stop) {
  if (kind != "local" && kind != "compose") return std::optional<PropertyNames>();
  if (auto known = property_names(version)) return known;
  if (kind == "local") {
    if (const auto jars = prepare_jars(version, stop); !jars) return jars.error();
    return property_names(version);
  }
  const auto image = obtain_image(version, stop);
  if (!image) return image.error();
  if (auto known = property_names(version)) return known;  // the image was built, from jars
  const auto cache = kafka_cache(version);
  if (!cache) return cache.error();
  return ask({"docker", "run", "--rm", "--network", "none", "--entrypoint", "java", *image},
             jars_in_image, *cache, {.env = {}, .cwd = {}, .stop = stop, .show_output = false});
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
