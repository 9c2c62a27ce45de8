// Names to paths.
#include "capacity/axes.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "client/workload.hpp"
#include "core/registry.hpp"
#include "core/suggest.hpp"

namespace seatrial::capacity {
namespace {

enum class Of { cluster, topics, producers };

struct Known {
  const char* name;
  Of of;
  const char* path;  // below the cluster, a topic or a workload
};

constexpr std::array known_axes{
    Known{"partitions", Of::topics, "partitions"},
    Known{"replication", Of::topics, "replication"},
    Known{"brokers", Of::cluster, "brokers"},
    Known{"lanes", Of::producers, "lanes"},
    Known{"size", Of::producers, "size"},
    Known{"acks", Of::producers, "properties.acks"},
    Known{"linger", Of::producers, "properties.linger.ms"},
    Known{"compression", Of::producers, "properties.compression.type"},
};
constexpr std::size_t most_axes = 2;  // beyond it nobody reads the answer, or waits for it
constexpr std::size_t most_values = 12, most_searches = 64;

const Known* axis_named(std::string_view name) {
  const auto at = std::ranges::find(known_axes, name, &Known::name);
  return at == known_axes.end() ? nullptr : &*at;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == ',') out.emplace_back();
    else out.back() += c;
  }
  return out;
}

// Why a search cannot vary it; empty if it can.
std::string refused(const std::string& name) {
  if (axis_named(name) != nullptr) return "";
  const bool rate = name == "rate" || name.ends_with(".rate");
  if (rate) return "the rate is what each search finds, so it cannot be given";
  if (name.starts_with("phases.") || name.starts_with("matrix.") || name == "repeat")
    return "'" + name + "' is of how trials are made, not of the load that they take";
  if (name.find('.') != name.npos) return "";
  std::vector<std::string> names;
  std::string listed;
  for (const auto& each : known_axes) {
    names.emplace_back(each.name);
    listed += (listed.empty() ? "" : ", ") + std::string(each.name);
  }
  return "there is no axis '" + name + "'" + did_you_mean(name, names) + "; there are " + listed +
         ", and any setting by its path, as in cluster.config.num.io.threads=2,8";
}

bool produces(const scenario::WorkloadPlan& plan) {
  const auto* plugin = Registry<Workload>::instance().find(plan.kind);
  return plugin != nullptr && plugin->make(plan.options)->traits().produces;
}

void add_topics(const Known& axis, const std::string& value, const scenario::TrialPlan& trial,
                std::vector<std::string>& out) {
  std::set<std::string> names;
  for (const auto& workload : trial.workloads) {
    if (produces(workload) && workload.options.has("topic"))
      names.insert(workload.options.text("topic"));
  }
  for (const auto& name : names) out.push_back("topics." + name + "." + axis.path + "=" + value);
}

}  // namespace

Result<Axis> parse_axis(const std::string& text) {
  const std::string flag = "--over '" + text + "': ";
  const auto equals = text.find('=');
  if (equals == text.npos || equals == 0)
    return Error{flag + "write an axis and its values, as in partitions=1,2,4,8", ""};
  Axis out{.name = text.substr(0, equals), .values = split(text.substr(equals + 1))};
  if (const auto why = refused(out.name); !why.empty()) return Error{flag + why, ""};
  std::set<std::string> seen;
  for (const auto& value : out.values) {
    if (value.empty()) return Error{flag + "a value is missing between commas", ""};
    if (!seen.insert(value).second) return Error{flag + "'" + value + "' stands there twice", ""};
  }
  if (out.values.size() > most_values)
    return Error{flag + "that is a search for each of " + std::to_string(out.values.size()) +
                     " values; give at most " + std::to_string(most_values),
                 ""};
  return out;
}

Result<std::vector<Axis>> parse_axes(const std::vector<std::string>& texts) {
  std::vector<Axis> out;
  for (const auto& text : texts) {
    auto axis = parse_axis(text);
    if (!axis) return axis.error();
    if (std::ranges::find(out, axis->name, &Axis::name) != out.end())
      return Error{"--over '" + text + "': '" + axis->name + "' is an axis already; give all of " +
                       "its values at once",
                   ""};
    out.push_back(std::move(*axis));
  }
  if (out.size() > most_axes)
    return Error{"--over: at most two axes, of which each pair of values is a search", ""};
  if (const auto searches = cells_of(out).size(); searches > most_searches)
    return Error{"--over: " + std::to_string(searches) +
                     " pairs of values are a search each; at most " + std::to_string(most_searches),
                 ""};
  return out;
}

std::string Cell::name() const {
  std::string out;
  for (const auto& [axis, value] : values) out += (out.empty() ? "" : " ") + axis + "=" + value;
  return out.empty() ? "base" : out;
}

std::vector<Cell> cells_of(const std::vector<Axis>& axes) {
  std::vector<Cell> out(1);
  for (const auto& axis : axes) {
    std::vector<Cell> next;
    for (const auto& cell : out) {
      for (const auto& value : axis.values) {
        next.push_back(cell);
        next.back().values.emplace_back(axis.name, value);
      }
    }
    out = std::move(next);
  }
  return out;
}

std::vector<std::string> settings_of(const Cell& cell, const scenario::TrialPlan& trial) {
  std::vector<std::string> out;
  for (const auto& [name, value] : cell.values) {
    const Known* axis = axis_named(name);
    if (axis == nullptr) {
      out.push_back(name + "=" + value);
      continue;
    }
    switch (axis->of) {
      case Of::cluster: out.push_back("cluster." + std::string(axis->path) + "=" + value); break;
      case Of::topics: add_topics(*axis, value, trial, out); break;
      case Of::producers:
        for (const auto& workload : trial.workloads) {
          if (!produces(workload)) continue;
          out.push_back("workloads." + workload.name + "." + axis->path + "=" + value);
        }
        break;
    }
  }
  return out;
}

}  // namespace seatrial::capacity
