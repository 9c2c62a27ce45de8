// Reads `workloads:` by the option tables of their kinds.
#include <algorithm>
#include <exception>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/names.hpp"
#include "core/options_refused.hpp"
#include "core/registry.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"
#include "scenario/readers.hpp"
#include "scenario/sections.hpp"
#include "scenario/tables.hpp"

namespace seatrial::scenario {
namespace {

constexpr const char* library_key = "client_library";

bool is_common(std::string_view name) {
  return std::ranges::find(workload_keys(), name, &OptionSpec::name) != workload_keys().end();
}

const Plugin<Workload>* find_kind(const Entry& entry, const std::string& title,
                                  ReadContext& context) {
  const auto& registry = Registry<Workload>::instance();
  const auto* kind = entry.value.find("kind");
  if (kind == nullptr) {
    context.problems.add(entry.value.place, title + ": missing key 'kind' (what its clients do)");
    return nullptr;
  }
  if (kind->value.unresolved) return nullptr;
  const auto* plugin = registry.find(kind->value.text);
  if (plugin != nullptr) return plugin;
  auto hint = did_you_mean(kind->value.text, registry.names());
  if (hint.empty()) {
    for (const auto& name : registry.names()) hint += (hint.empty() ? "; there are " : ", ") + name;
  }
  context.problems.add(kind->value.place,
                       title + ": unknown workload kind '" + kind->value.text + "'" + hint);
  return nullptr;
}

void check_topic(const Node& node, const Options& options, const std::vector<TopicPlan>& topics,
                 const std::string& title, ReadContext& context) {
  std::vector<std::string> names;
  for (const auto& topic : topics) names.push_back(topic.name);
  for (const char* option : {"topic", "input"}) {
    if (!options.has(option)) continue;
    const auto& topic = options.text(option);
    if (std::find(names.begin(), names.end(), topic) != names.end()) continue;
    context.problems.add(place_of(node, option), title + ": topic '" + topic +
                                                     "' is not declared under topics" +
                                                     did_you_mean(topic, names));
  }
}

void check_properties(const Node& node, const Plugin<Workload>& plugin, const Options& options,
                      const std::string& title, ReadContext& context) {
  for (const auto& spec : plugin.options) {
    if (spec.name != "properties" || !options.has(spec.name)) continue;
    for (const auto& [name, value] : options.properties(spec.name)) {
      const auto place = place_of(node, spec.name, name);
      if (context.problems.has(place)) continue;  // the plug-in knows better
      if (name == "bootstrap.servers" || name == "metadata.broker.list") {
        context.problems.add(place, title + ": '" + name +
                                        "' is set by the harness: addresses are known only once "
                                        "the cluster runs");
      } else if (const auto& known = context.names.client;
                 !known.empty() && std::find(known.begin(), known.end(), name) == known.end()) {
        context.problems.add(
            place, title + ": unknown client property '" + name + "'" + did_you_mean(name, known));
      }
    }
  }
}

// Numbers with units in `properties:`, as the client shall be given them; what is none is left for
// the plug-in to refuse.
Node converted(const Node& workload, const std::string& title, ReadContext& context) {
  Node out = workload;
  auto* map = out.find("properties");
  if (map == nullptr) return out;
  for (auto& entry : map->value.entries) {
    const auto* definition = find_property(context.names.client_numbers, entry.key);
    if (definition == nullptr || !entry.value.is_scalar() || entry.value.unresolved) continue;
    const auto read = read_property(*definition, entry.value.text);
    if (!read || *read == entry.value.text) continue;
    context.warnings.add(entry.value.place, title + ": " + entry.key + ": '" + entry.value.text +
                                                "' is given as " + *read);
    entry.value.text = *read;
  }
  return out;
}

// A closed loop asks what the brokers can do. Each serves the requests of a connection in turn, so
// that one lane finds the limit of its connections: there is one for each broker that will lead a
// partition of its topic, unless the scenario says how many. This machine's cores do not count,
// since a plan is the same everywhere.
void give_lanes(Node& workload, const Plugin<Workload>& plugin, const ClusterSpec& cluster,
                const std::vector<TopicPlan>& topics) {
  const bool has_lanes =
      std::ranges::find(plugin.options, "lanes", &OptionSpec::name) != plugin.options.end();
  const auto* rate = workload.find("rate");
  const auto* topic = workload.find("topic");
  if (!has_lanes || workload.find("lanes") != nullptr || rate == nullptr || topic == nullptr)
    return;
  const auto read = parse_rate(rate->value.text);
  const auto written = std::ranges::find(topics, topic->value.text, &TopicPlan::name);
  if (!read || !read->unlimited || written == topics.end()) return;
  Node lanes{.kind = Node::Kind::scalar, .place = rate->value.place};
  lanes.text = std::to_string(std::clamp(cluster.brokers, 1, std::max(1, written->partitions)));
  workload.entries.push_back({"lanes", rate->place, std::move(lanes)});
}

void ask(const Plugin<Workload>& plugin, const Node& node, const std::string& title,
         WorkloadRead& read, ReadContext& context) {
  try {
    const auto workload = plugin.make(read.plan.options);
    if (read.plan.client_library.empty()) {
      // The client itself says whether they go together.
      read.client_properties = workload->client_properties();
    } else {
      read.client_properties = read.plan.client_properties;
    }
    read.produces = workload->traits().produces;
    const int members = workload->traits().has_members ? workload->traits().lanes : 0;
    for (int i = 0; i < members; ++i) read.members.push_back(workload->member_span(i));
  } catch (const OptionsRefused& refused) {
    for (const auto& problem : refused.problems) {
      context.problems.add(place_of_problem(node, plugin.options, problem.name),
                           title + ": " + problem.message);
    }
  } catch (const UsageError& error) {
    // One that begins with an option's name is shown at its value.
    const std::string what = error.what();
    context.problems.add(place_of(node, what.substr(0, what.find(':'))), title + ": " + what);
  }
}

// Names and values of properties are another library's to judge; where it finds fault, it is told
// as if our own had.
void ask_library(const Plugin<Workload>& plugin, const Node& node, const std::string& title,
                 WorkloadRead& read, ReadContext& context) {
  const auto place = place_of(node, library_key);
  if (!context.ask_library) {
    return context.problems.add(place, title + ": client_library cannot be asked here");
  }
  const auto& plan = read.plan;
  if (plan.options.has("engine") && plan.options.text("engine") == "wire") {
    return context.problems.add(place, title +
                                           ": client_library: wire lanes speak to the brokers "
                                           "themselves and load none; leave out one of the two");
  }
  auto answer = context.ask_library(plan.client_library, plugin.name, plan.options);
  if (!answer.failure.empty()) return context.problems.add(place, title + ": " + answer.failure);
  for (const auto& problem : answer.problems) {
    const auto dot = problem.name.find('.');
    const auto option = problem.name.substr(0, dot);
    context.problems.add(
        dot == option.npos ? place_of(node, option)
                           : place_of(node, option, std::string_view(problem.name).substr(dot + 1)),
        title + ": " + problem.message);
  }
  if (!answer.contradiction.empty()) {
    context.problems.add(node.place, title + ": " + answer.contradiction);
  }
  read.plan.client_properties = std::move(answer.properties);
}

// The plug-in's keys and those that every workload has; of properties that another library has to
// judge, only the form is checked.
std::vector<OptionSpec> keys_of(const Plugin<Workload>& plugin, const Node& node) {
  auto keys = plugin.options;
  if (node.find(library_key) != nullptr) {
    for (auto& key : keys) {
      if (key.name == "properties") key.validate = nullptr;
    }
  }
  keys.insert(keys.begin(), workload_keys().begin(), workload_keys().end());
  return keys;
}

}  // namespace

std::vector<WorkloadRead> read_workloads(const Node& workloads, const ClusterSpec& cluster,
                                         const std::vector<TopicPlan>& topics,
                                         ReadContext& context) {
  std::vector<WorkloadRead> out;
  if (!is_map_or_absent(workloads, "workloads", context.problems)) return out;
  for (const auto& written : workloads.entries) {
    const auto title = "workload '" + written.key + "'";
    Entry entry{written.key, written.place,
                with_connection(converted(written.value, title, context), cluster)};
    if (const auto wrong = wrong_name(entry.key, longest_name); !wrong.empty()) {
      context.problems.add(entry.place, "workload " + wrong);
    }
    if (!is_map_or_absent(entry.value, title, context.problems)) continue;
    WorkloadRead read;
    read.plan.name = entry.key;
    if (const auto* plugin = find_kind(entry, title, context)) {
      give_lanes(entry.value, *plugin, cluster, topics);
      const auto keys = keys_of(*plugin, entry.value);
      Problems own;
      ReadContext mine{context.names,    own,
                       context.warnings, context.ask_library,
                       context.folder,   context.environment,
                       context.secrets};
      const auto all = read_section(entry.value, keys, title, own);
      read.plan.kind = plugin->name;
      std::vector<OptionSpec> of_plugin(keys.begin(), keys.end());
      std::erase_if(of_plugin, [](const OptionSpec& key) { return is_common(key.name); });
      read.plan.options = only(all, of_plugin);
      read.plan.options.set_folder(context.folder);
      if (all.has(library_key)) read.plan.client_library = all.text(library_key);
      const bool ours = entry.value.find(library_key) == nullptr;
      check_topic(entry.value, all, topics, title, mine);
      if (ours) check_properties(entry.value, *plugin, all, title, mine);
      // A plug-in may rely on its options: it is only asked once they are sound.
      const bool sound = own.empty() && entry.value.resolved();
      if (sound && !ours) ask_library(*plugin, entry.value, title, read, mine);
      if (sound && own.empty()) ask(*plugin, entry.value, title, read, mine);
      if (sound && own.empty()) {
        check_message_size(entry.value, read.plan, cluster, topics, read.client_properties, mine);
      }
      context.problems.add_all(own);
    }
    out.push_back(std::move(read));
  }
  return out;
}

}  // namespace seatrial::scenario
