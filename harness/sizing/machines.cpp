// Reading machines: one table of keys for the command line and for files.
#include "sizing/machines.hpp"

#include <array>

#include "core/suggest.hpp"
#include "scenario/document.hpp"

namespace seatrial::sizing {
namespace {

struct Key {
  const char* name;
  double Machine::*value;
  bool rate;
  const char* example;
};

constexpr std::array<Key, 5> keys{{{"cores", &Machine::cores, false, "8"},
                                   {"disk", &Machine::disk_bytes_per_s, true, "250MB/s"},
                                   {"network", &Machine::network_bytes_per_s, true, "1.25GB/s"},
                                   {"memory", &Machine::memory_bytes, false, "64GiB"},
                                   {"storage", &Machine::storage_bytes, false, "8TB"}}};

Result<double> parse_value(const Key& key, std::string_view text) {
  if (key.value == &Machine::cores) return parse_number(text);
  if (key.rate) return parse_bytes_per_s(text);
  const auto bytes = parse_size(text);
  if (!bytes) return bytes.error();
  return static_cast<double>(*bytes);
}

std::optional<Error> set(std::string_view name, std::string_view text, Machine& out) {
  std::vector<std::string> names;
  for (const Key& key : keys) {
    names.emplace_back(key.name);
    if (name != key.name) continue;
    const auto value = parse_value(key, text);
    if (!value) return Error{std::string(name) + ": " + value.error().message, value.error().hint};
    if (*value <= 0) return Error{std::string(name) + " must be above 0, as in " + key.example, ""};
    out.*key.value = *value;
    return std::nullopt;
  }
  return Error{"a machine has no key " + in_quotes(name) + did_you_mean(name, names),
               "keys are cores, disk, network, memory and storage"};
}

std::optional<Error> lacks(const Machine& machine) {
  for (const Key& key : keys) {
    if (machine.*key.value > 0 || key.value == &Machine::storage_bytes) continue;
    return Error{std::string(key.name) + " is missing",
                 std::string("add it, as in ") + key.name + "=" + key.example};
  }
  return std::nullopt;
}

std::string at(const std::string& path, const scenario::Place& place, const Error& error) {
  return path + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " +
         error.message;
}

Result<Machine> machine_of(const scenario::Node& node, const std::string& path) {
  const auto wrong = [&](const scenario::Place& place, const Error& error) {
    return Error{at(path, place, error), error.hint};
  };
  if (!node.is_map())
    return wrong(node.place,
                 {"a machine is a map", "write - {name: small, cores: 4, disk: 250MB/s, ...}"});
  Machine out;
  for (const auto& entry : node.entries) {
    if (!entry.value.is_scalar())
      return wrong(entry.place, {in_quotes(entry.key) + " takes one value", ""});
    if (entry.key == "name") out.name = entry.value.text;
    else if (const auto error = set(entry.key, entry.value.text, out))
      return wrong(entry.place, *error);
  }
  if (out.name.empty())
    return wrong(node.place, {"name is missing", "say what the table calls it"});
  if (const auto error = lacks(out)) return wrong(node.place, *error);
  return out;
}

}  // namespace

Result<double> parse_bytes_per_s(std::string_view text) {
  const std::string_view second = "/s";
  if (text.ends_with(second)) text.remove_suffix(second.size());
  const auto bytes = parse_size(text);
  if (!bytes) return bytes.error();
  return static_cast<double>(*bytes);
}

Result<Machine> parse_machine(std::string_view text) {
  Machine out{.name = std::string(text)};
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto equals = part.find('=');
    if (equals == part.npos) {
      return Error{in_quotes(part) + " is no KEY=VALUE",
                   "write cores=8,disk=250MB/s,network=1.25GB/s,memory=64GiB, or name a file"};
    }
    if (const auto error = set(part.substr(0, equals), part.substr(equals + 1), out)) return *error;
  }
  if (const auto error = lacks(out)) return *error;
  return out;
}

Result<std::vector<Machine>> parse_machines(std::string_view text, const std::string& path) {
  scenario::Problems problems;
  const auto document = scenario::parse_document(text, 0, problems);
  if (!document || !problems.empty())
    return Error{scenario::to_text(problems.finish(path, {})), "machines are a YAML list of maps"};
  if (document->items.empty())
    return Error{path + ": holds no list", "write - {name: small, cores: 4, disk: 250MB/s, ...}"};
  std::vector<Machine> out;
  for (const auto& item : document->items) {
    auto machine = machine_of(item, path);
    if (!machine) return machine.error();
    out.push_back(std::move(machine).value());
  }
  return out;
}

Machine usual_machine() {
  return {.name = "cores=8,disk=250MB/s,network=1.25GB/s,memory=64GiB",
          .cores = 8,
          .disk_bytes_per_s = 250e6,
          .network_bytes_per_s = 1.25e9,
          .memory_bytes = 64.0 * (1 << 30)};
}

}  // namespace seatrial::sizing
