// Implements clusters/property_definitions.hpp.
#include "clusters/property_definitions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <utility>

#include "clusters/engine.hpp"
#include "clusters/files.hpp"
#include "clusters/jars.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/units.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

constexpr auto answer_time = std::chrono::minutes(2);  // a second, but for a machine that is busy

// `java`: the command that starts it where the jars are `class_path`. Keeps what it learns.
std::optional<PropertyDefinitions> ask(const std::vector<std::string>& java,
                                       const std::string& class_path, const fs::path& cache,
                                       const ToolOptions& options) {
  const auto definitions_of = [&](const char* main_class, std::string_view group) {
    auto argv = java;
    argv.insert(argv.end(), {"-XX:TieredStopAtLevel=1", "-cp", class_path, main_class});
    const auto outcome = run_tool(argv, answer_time, options);
    if (options.stop.stop_requested()) throw Interrupted();
    return outcome.ok() ? parse_config_html(outcome.out, group) : std::vector<PropertyDefinition>{};
  };
  PropertyDefinitions definitions{
      .broker = definitions_of("kafka.server.KafkaConfig", "broker"),
      .topic = definitions_of("org.apache.kafka.storage.internals.log.LogConfig", "topic")};
  if (definitions.broker.empty() || definitions.topic.empty()) return std::nullopt;
  try {
    fs::create_directories(cache);
    write_file(cache / "property-definitions.txt", to_text(definitions));
  } catch (const std::exception& error) {
    notice(error.what());  // only the next start is slower for it
  }
  return definitions;
}

// Where apache/kafka has its jars, and our own image too.
constexpr const char* jars_in_image = "/opt/kafka/libs/*";

}  // namespace

std::optional<PropertyDefinitions> property_definitions(const std::string& version) {
  const auto cache = kafka_cache(version);
  if (!cache) return std::nullopt;
  if (const auto text = file_text(*cache / "property-definitions.txt")) {
    if (auto known = parse_property_definitions(*text)) return known;
  }
  const auto lib = *cache / "lib";
  const auto java = find_java();
  if (!java || !fs::exists(lib)) return std::nullopt;
  return ask({java->program.string()}, (lib / "*").string(), *cache,
             {.env = {},
              .cwd = {},
              .stop = program_stop(),
              .show_output = false,
              .in = nullptr,
              .bare = true});
}

Result<std::optional<PropertyDefinitions>> learn_property_definitions(const std::string& kind,
                                                                      const std::string& version,
                                                                      const std::stop_token& stop) {
  if (kind != "local" && kind != "compose") return std::optional<PropertyDefinitions>();
  if (auto known = property_definitions(version)) return known;
  if (kind == "local") {
    if (const auto jars = prepare_jars(version, stop); !jars) return jars.error();
    return property_definitions(version);
  }
  const auto image = obtain_image(version, stop);
  if (!image) return image.error();
  if (auto known = property_definitions(version)) return known;  // the image was built, from jars
  const auto cache = kafka_cache(version);
  if (!cache) return cache.error();
  return ask({"docker", "run", "--rm", "--network", "none", "--entrypoint", "java", *image},
             jars_in_image, *cache, {.env = {}, .cwd = {}, .stop = stop, .show_output = false});
}

namespace {

using Type = PropertyDefinition::Type;

constexpr std::array<std::string_view, 5> type_names{"text", "boolean", "integer", "number",
                                                     "list"};

// What stands in the row of a definition's table, such as `Type`.
std::string_view row_of(std::string_view html, const std::string& title) {
  const std::string head = "<th>" + title + ":</th><td>";
  const auto at = html.find(head);
  if (at == html.npos) return {};
  html.remove_prefix(at + head.size());
  return html.substr(0, html.find("</td>"));
}

void take_type(PropertyDefinition& out, std::string_view type) {
  if (type == "boolean") out.type = Type::boolean;
  if (type == "double") out.type = Type::number;
  if (type == "list") out.type = Type::list;
  if (type != "int" && type != "long" && type != "short") return;
  out.type = Type::integer;
  const double beyond = std::ldexp(1, type == "int" ? 31 : type == "long" ? 63 : 15);
  out.least = -beyond;
  out.most = type == "long" ? beyond : beyond - 1;
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(at), text.size());
    auto part = text.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    out.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// `[0,...]`, `[1,...,9]`, `[1,...,9] or -1`, `[compact, delete]`, `(case insensitive) [A, B]`; what
// else stands there is for Kafka to check.
void take_valid_values(PropertyDefinition& out, std::string_view text) {
  constexpr std::string_view any_case = "(case insensitive) ", more = " or ", dots = ",...";
  out.any_case = text.starts_with(any_case);
  if (out.any_case) text.remove_prefix(any_case.size());
  std::string_view exception;
  if (const auto at = text.find(more); at != text.npos) {
    exception = text.substr(at + more.size());
    text = text.substr(0, at);
  }
  if (!text.starts_with('[') || text.find(']') != text.size() - 1) return;
  text = text.substr(1, text.size() - 2);
  const auto at = text.find(dots);
  if (at == text.npos) {
    if (out.type == Type::text || out.type == Type::list) out.choices = split(text, ',');
    return;
  }
  if (out.type != Type::integer && out.type != Type::number) return;
  if (const auto least = parse_number(text.substr(0, at))) out.least = *least;
  const auto end = text.substr(at + dots.size());
  if (end.starts_with(',')) {
    if (const auto most = parse_number(end.substr(1))) out.most = *most;
  }
  if (const auto other = parse_number(exception)) out.least = std::min(out.least, *other);
}

std::string number_text(double number) {
  return std::isinf(number) ? "-" : fmt::format("{:.17g}", number);
}

std::string line_of(std::string_view group, const PropertyDefinition& definition) {
  std::string choices = definition.any_case ? "~" : "";
  for (const auto& choice : definition.choices) {
    choices += (choices.empty() || choices == "~" ? "" : ",") + choice;
  }
  return fmt::format("{} {} {} {} {} {}\n", group, definition.name,
                     type_names.at(static_cast<std::size_t>(definition.type)),
                     number_text(definition.least), number_text(definition.most),
                     choices.empty() ? "-" : choices);
}

std::optional<PropertyDefinition> definition_of(const std::vector<std::string>& words) {
  const auto type = std::ranges::find(type_names, words[2]);
  if (type == type_names.end()) return std::nullopt;
  PropertyDefinition out{.name = words[1], .type = static_cast<Type>(type - type_names.begin())};
  for (const auto& [word, bound] : {std::pair(3, &out.least), std::pair(4, &out.most)}) {
    const auto& text = words[static_cast<std::size_t>(word)];
    if (text == "-") continue;
    const auto number = parse_number(text);
    if (!number) return std::nullopt;
    *bound = *number;
  }
  std::string_view choices = words[5];
  out.any_case = choices.starts_with('~');
  if (out.any_case) choices.remove_prefix(1);
  if (choices != "-") out.choices = split(choices, ',');
  return out;
}

}  // namespace

std::vector<PropertyDefinition> parse_config_html(std::string_view html, std::string_view group) {
  const std::string anchor = "id=\"" + std::string(group) + "configs_";
  std::vector<PropertyDefinition> out;
  for (auto at = html.find(anchor); at != std::string_view::npos; at = html.find(anchor, at)) {
    at += anchor.size();
    const auto end = html.find('"', at);
    if (end == std::string_view::npos) break;
    const auto about = html.substr(end, html.find(anchor, end) - end);
    PropertyDefinition definition{.name = std::string(html.substr(at, end - at))};
    take_type(definition, row_of(about, "Type"));
    take_valid_values(definition, row_of(about, "Valid Values"));
    out.push_back(std::move(definition));
  }
  std::ranges::stable_sort(out, {}, &PropertyDefinition::name);
  const auto twice = std::ranges::unique(out, {}, &PropertyDefinition::name);
  out.erase(twice.begin(), twice.end());
  return out;
}

std::string to_text(const PropertyDefinitions& definitions) {
  std::string text;
  for (const auto& definition : definitions.broker) text += line_of("broker", definition);
  for (const auto& definition : definitions.topic) text += line_of("topic", definition);
  return text;
}

std::optional<PropertyDefinitions> parse_property_definitions(std::string_view text) {
  PropertyDefinitions out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;  // cut short
    const auto words = split(text.substr(0, end), ' ');
    text.remove_prefix(end + 1);
    if (words.size() != 6 || (words[0] != "broker" && words[0] != "topic")) return std::nullopt;
    auto definition = definition_of(words);
    if (!definition) return std::nullopt;
    (words[0] == "broker" ? out.broker : out.topic).push_back(std::move(*definition));
  }
  if (out.broker.empty() || out.topic.empty()) return std::nullopt;
  return out;
}

}  // namespace seatrial::clusters
