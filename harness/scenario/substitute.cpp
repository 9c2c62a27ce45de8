// Replaces from left to right, once: what was put in is not looked at again.
#include "scenario/substitute.hpp"

#include <algorithm>

#include "core/suggest.hpp"
#include "core/utf8.hpp"

namespace seatrial::scenario {
namespace {

class Substituter {
 public:
  Substituter(Substitution& with, Problems& problems) : with_(with), problems_(problems) {}

  void apply(Node& node, bool secret) {
    if (node.is_scalar()) replace_in(node, secret);
    for (auto& entry : node.entries) {
      apply(entry.value,
            secret || entry.key == "properties" || entry.key == "config" || entry.key == "users");
    }
    for (auto& item : node.items) apply(item, secret);
  }

 private:
  void replace_in(Node& node, bool secret) {
    const std::string text = std::move(node.text);
    node.text.clear();
    for (std::size_t i = 0; i < text.size();) {
      if (text.compare(i, 3, "$${") == 0) {
        node.text += "${";
        i += 3;
      } else if (text.compare(i, 2, "${") == 0) {
        const auto end = text.find('}', i);
        Place place = node.place;
        place.column += static_cast<int>(i) + (node.quoted ? 1 : 0);
        if (end == std::string::npos) {
          fail(node, place, "'" + text.substr(i) + "' lacks its '}'");
          node.text += text.substr(i);
          return;
        }
        if (auto value = look_up(node, place, text.substr(i + 2, end - i - 2), secret)) {
          node.text += *value;
        }
        i = end + 1;
      } else {
        node.text += text[i++];
      }
    }
  }

  std::optional<std::string> look_up(Node& node, Place place, const std::string& name,
                                     bool secret) {
    if (name.starts_with("env:")) return from_environment(node, place, name.substr(4), secret);
    if (!with_.axes_known) {
      node.unresolved = true;
      return std::nullopt;
    }
    if (with_.axes == nullptr) {
      fail(node, place, "'${" + name + "}' cannot stand here: this is the same for all variants");
      return std::nullopt;
    }
    const auto axis = with_.axes->find(name);
    if (axis != with_.axes->end()) {
      with_.used.insert(name);
      if (secret && with_.secret_axes.contains(name)) {
        fail(node, place,
             "'${" + name + "}' would bring what may be secret into every variant's " +
                 "name, as a value of that axis comes from the environment: " +
                 "write ${env:...} here instead");
      }
      return axis->second;
    }
    std::vector<std::string> names;
    for (const auto& [known, value] : *with_.axes) names.push_back(known);
    auto hint = did_you_mean(name, names);
    if (hint.empty())
      hint = "; add it under matrix:, or write ${env:" + name + "} for the environment's";
    fail(node, place, "unknown axis '${" + name + "}'" + hint);
    return std::nullopt;
  }

  std::optional<std::string> from_environment(Node& node, Place place, const std::string& name,
                                              bool secret) {
    auto value = with_.environment(name);
    if (!value) {
      fail(node, place, "environment variable '" + name + "' is not set");
      return std::nullopt;
    }
    with_.any_environment = true;
    if (const auto at = first_not_utf8(*value)) {
      fail(node, place, "environment variable '" + name + "': " + not_utf8(*value, *at));
      return std::nullopt;
    }
    auto& secrets = with_.secrets;
    if (secret && !value->empty() &&
        std::find(secrets.begin(), secrets.end(), *value) == secrets.end()) {
      secrets.push_back(*value);
    }
    return value;
  }

  void fail(Node& node, Place place, std::string message) {
    node.unresolved = true;
    problems_.add(place, std::move(message));
  }

  Substitution& with_;
  Problems& problems_;
};

}  // namespace

Node substitute(const Node& node, Substitution& with, Problems& problems) {
  Node out = node;
  Substituter(with, problems).apply(out, false);
  return out;
}

}  // namespace seatrial::scenario
