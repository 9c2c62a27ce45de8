// Reads and writes targets. The table of kinds is the one list of what may be written.
#include "core/target.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "core/suggest.hpp"
#include "core/units.hpp"

namespace seatrial {
namespace {

enum class Argument { none, node, partition };

struct KindSpec {
  std::string_view name;
  Target::Kind kind;
  Argument argument;
};

constexpr std::array<KindSpec, 9> kinds{{
    {"broker", Target::Kind::broker, Argument::node},
    {"leader", Target::Kind::leader, Argument::partition},
    {"follower", Target::Kind::follower, Argument::partition},
    {"followers", Target::Kind::followers, Argument::partition},
    {"controller", Target::Kind::controller, Argument::none},
    {"one", Target::Kind::one, Argument::none},
    {"minority", Target::Kind::minority, Argument::none},
    {"majority", Target::Kind::majority, Argument::none},
    {"all", Target::Kind::all, Argument::none},
}};

constexpr std::string_view usage =
    "targets are broker(2), leader(topic/0), follower(topic/0), followers(topic/0), controller, "
    "one, minority, majority, all";

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string example(const KindSpec& spec) {
  const std::string name(spec.name);
  if (spec.argument == Argument::node) return name + "(1)";
  return spec.argument == Argument::partition ? name + "(topic/0)" : name;
}

Result<Target> with_partition(Target target, std::string_view text, std::string_view argument) {
  const auto slash = argument.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == argument.size()) {
    return Error{in_quotes(text) + " must name a topic and a partition, as in orders/0", ""};
  }
  const auto partition = parse_integer(argument.substr(slash + 1));
  if (!partition || *partition < 0 || *partition > std::numeric_limits<std::int32_t>::max()) {
    return Error{in_quotes(argument.substr(slash + 1)) + " in " + in_quotes(text) +
                     " is not a partition number",
                 ""};
  }
  target.where = {std::string(argument.substr(0, slash)), static_cast<std::int32_t>(*partition)};
  return target;
}

Result<Target> with_node(Target target, std::string_view text, std::string_view argument) {
  const auto node = parse_integer(argument);
  if (!node || *node < 0 || *node > std::numeric_limits<std::int32_t>::max()) {
    return Error{in_quotes(argument) + " in " + in_quotes(text) + " is not a broker number", ""};
  }
  target.node = NodeId{static_cast<std::int32_t>(*node)};
  return target;
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  const auto open = text.find('(');
  const auto name = text.substr(0, open);
  const auto* spec = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const KindSpec& k) { return k.name == name; });
  if (spec == kinds.end()) {
    std::vector<std::string> names;
    for (const auto& k : kinds) names.emplace_back(k.name);
    return Error{"unknown target " + in_quotes(text) + did_you_mean(name, names),
                 std::string(usage)};
  }
  Target target{.kind = spec->kind, .node = {}, .where = {}};
  if (open == std::string_view::npos) {
    if (spec->argument == Argument::none) return target;
    return Error{"target " + in_quotes(text) + " needs an argument: write " + example(*spec), ""};
  }
  if (text.back() != ')') return Error{"target " + in_quotes(text) + " lacks its ')'", ""};
  if (spec->argument == Argument::none) {
    return Error{"target '" + std::string(name) + "' takes no argument, got " + in_quotes(text),
                 ""};
  }
  const auto argument = text.substr(open + 1, text.size() - open - 2);
  return spec->argument == Argument::node ? with_node(target, text, argument)
                                          : with_partition(target, text, argument);
}

std::string to_string(const Target& target) {
  const auto* spec = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const KindSpec& k) { return k.kind == target.kind; });
  const std::string name(spec->name);
  switch (spec->argument) {
    case Argument::node: return name + "(" + std::to_string(target.node.value) + ")";
    case Argument::partition: return name + "(" + to_string(target.where) + ")";
    case Argument::none: break;
  }
  return name;
}

}  // namespace seatrial
