// Reads what `cluster:` says of a cluster that runs already.
#include <algorithm>
#include <filesystem>

#include "core/java_connection.hpp"
#include "core/numbers.hpp"
#include "scenario/readers.hpp"
#include "scenario/sections.hpp"

namespace seatrial::scenario {
namespace {

namespace fs = std::filesystem;

// What is wrong with one of host:port, or nothing.
std::string wrong_address(const std::string& address) {
  const auto colon = address.rfind(':');
  const auto port = colon == std::string::npos ? Result<std::uint64_t>(Error{})
                                               : parse_unsigned(address.substr(colon + 1));
  if (colon != 0 && port && *port > 0 && *port < 65536) return {};
  return "'" + address + "' is not HOST:PORT";
}

void check_bootstrap(Place place, const std::string& bootstrap, ReadContext& context) {
  for (std::size_t from = 0, to = 0; to != std::string::npos; from = to + 1) {
    to = bootstrap.find(',', from);
    const auto wrong = wrong_address(bootstrap.substr(from, to - from));
    if (!wrong.empty()) return context.problems.add(place, "cluster: bootstrap: " + wrong);
  }
}

void read_client_file(const Node& cluster, const Options& options, ClusterSpec& out,
                      ReadContext& context) {
  const auto place = place_of(cluster, "properties");
  const fs::path file = fs::absolute(fs::path(context.folder) / options.text("properties"));
  out.properties_file = file.lexically_normal().string();
  auto read = read_java_connection(out.properties_file, context.environment);
  if (!read) {
    return context.problems.add(place, "cluster: properties: " + read.error().message +
                                           (read.error().hint.empty() ? "" : "; ") +
                                           read.error().hint);
  }
  for (const auto& note : read->notes) context.warnings.add(place, "cluster: properties: " + note);
  for (const auto& refusal : read->refusals)
    context.problems.add(place, "cluster: properties: " + refusal);
  for (auto& secret : read->secrets) {
    if (std::ranges::find(context.secrets, secret) == context.secrets.end())
      context.secrets.push_back(std::move(secret));
  }
  out.connection = std::move(read->properties);
  if (out.bootstrap.empty()) out.bootstrap = read->bootstrap;
}

}  // namespace

void read_external(const Node& cluster, const Options& options, ClusterSpec& out,
                   ReadContext& context) {
  if (out.kind != "external") {
    for (const char* key : {"bootstrap", "properties"}) {
      if (cluster.find(key) == nullptr) continue;
      context.problems.add(place_of(cluster, key), "cluster: " + std::string(key) +
                                                       ": is of `kind: external`; a cluster of "
                                                       "kind " +
                                                       out.kind + " is started anew");
    }
    return;
  }
  if (!cluster.resolved()) return;  // told
  if (options.has("bootstrap")) out.bootstrap = options.text("bootstrap");
  if (options.has("properties")) read_client_file(cluster, options, out, context);
  if (out.bootstrap.empty()) {
    return context.problems.add(place_of(cluster, "kind"),
                                "cluster: an external cluster needs 'bootstrap', or "
                                "bootstrap.servers in its 'properties'");
  }
  const bool own = cluster.find("bootstrap") != nullptr;
  check_bootstrap(place_of(cluster, own ? "bootstrap" : "properties"), out.bootstrap, context);
}

Node with_connection(Node workload, const ClusterSpec& cluster) {
  if (cluster.connection.empty() || !workload.is_map()) return workload;
  if (workload.find("properties") == nullptr) {
    Node none{.kind = Node::Kind::map, .place = workload.place};
    workload.entries.push_back({"properties", workload.place, std::move(none)});
  }
  Node& map = workload.find("properties")->value;
  if (!map.is_map()) return workload;  // told where it is read
  for (const auto& [name, value] : cluster.connection) {
    if (map.find(name) != nullptr) continue;
    Node one{.kind = Node::Kind::scalar, .place = map.place};
    one.text = value;
    one.quoted = true;
    map.entries.push_back({name, map.place, std::move(one)});
  }
  return workload;
}

}  // namespace seatrial::scenario
