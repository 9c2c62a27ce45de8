// Implements clusters/choose.hpp.
#include "clusters/choose.hpp"

#include <utility>

#include "clusters/engine.hpp"
#include "clusters/node_config.hpp"

namespace seatrial::clusters {
namespace {

// What speaks for compose, or as the Error what speaks against it.
Result<std::string> for_compose(const ClusterSpec& spec) {
  if (!spec.data.empty()) return Error{"a data folder is given", ""};
  const auto engine = find_engine();
  if (!engine) return engine.error();
  if (const auto image = present_image(spec.version)) {
    return "a container engine answers and the image " + *image + " is there";
  }
  if (can_pull(spec.version)) {
    return std::string("a container engine answers and the image can be pulled");
  }
  return Error{"a container engine answers, but no image of Kafka " + spec.version +
                   " is there or can be pulled (--cluster compose builds one)",
               ""};
}

Result<Choice> checked(const ClusterSpec& spec, Choice choice) {
  const auto* kind = ClusterKinds::instance().find(choice.kind);
  if (kind == nullptr) return Error{"there is no cluster kind '" + choice.kind + "'", ""};
  if (const auto reason = kind->unavailable(spec)) {
    return Error{"this machine cannot run a " + choice.kind + " cluster: " + *reason, ""};
  }
  for (Gear gear : spec.gear) {
    const auto reason = kind->lacks == nullptr ? std::nullopt : kind->lacks(gear);
    if (reason)
      return Error{
          "this machine cannot give a cluster " + to_string(std::set{gear}) + ": " + *reason, ""};
  }
  return choice;
}

}  // namespace

namespace {

// What only who runs the brokers can set.
std::optional<Impossible> beyond_external(const ClusterSpec& spec) {
  const auto no = [](const char* key, const std::string& why) {
    return Impossible{{"cluster", key}, why + " an external cluster, which is not ours to change"};
  };
  if (!spec.quotas.empty()) return no("quotas", "no quotas are set on");
  if (!spec.users.empty()) return no("users", "no users are made on");
  if (!spec.features.empty()) return no("features", "no features are chosen for");
  if (!spec.config.empty()) return no("config", "brokers are not configured on");
  if (!spec.data.empty()) return no("data", "no folder is chosen for");
  if (spec.log_dirs > 1) return no("log_dirs", "no log dirs are made on");
  if (spec.cpus > 0) return no("cpus", "no node is limited on");
  return std::nullopt;
}

}  // namespace

std::optional<Impossible> impossible(const ClusterSpec& spec) {
  if (spec.kind == "external") return beyond_external(spec);
  if (spec.kind != "mock") {
    auto why = spec.kind == "compose" ? compose_refuses(spec) : refused_config(spec);
    return why ? std::optional(Impossible{{"cluster"}, std::move(*why)}) : std::nullopt;
  }
  if (spec.gear.contains(Gear::proxy))
    return Impossible{{"cluster", "proxy"}, "the mock is in this process: no proxy"};
  if (!spec.quotas.empty()) return Impossible{{"cluster", "quotas"}, "the mock knows no quotas"};
  if (!spec.users.empty()) return Impossible{{"cluster", "users"}, "the mock knows no users"};
  if (!spec.features.empty())
    return Impossible{{"cluster", "features"}, "the mock knows no features"};
  if (spec.log_dirs > 1) return Impossible{{"cluster", "log_dirs"}, "the mock has no log dirs"};
  if (spec.cpus > 0) return Impossible{{"cluster", "cpus"}, "the mock has no nodes to limit"};
  if (spec.client_protocol == "plaintext") return std::nullopt;
  return Impossible{
      {"workloads"},
      "clients connect by " + spec.client_protocol + ", and the mock speaks plaintext only"};
}

Result<Choice> choose(const ClusterSpec& spec) {
  if (spec.kind == "auto" && not_offered("compose", spec.gear)) {
    return checked(
        spec, {.kind = "local", .reason = "only local brokers can have " + to_string(spec.gear)});
  }
  if (spec.kind != "auto") return checked(spec, {.kind = spec.kind, .reason = "asked for"});
  const auto reason = for_compose(spec);
  if (reason) {
    auto compose = checked(spec, {.kind = "compose", .reason = *reason});
    if (compose) return compose;
    return checked(spec, {.kind = "local", .reason = compose.error().message});
  }
  return checked(spec, {.kind = "local", .reason = reason.error().message});
}

}  // namespace seatrial::clusters
