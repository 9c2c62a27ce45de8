// The library's own table of properties, parsed once, and its dumps.
#include "kafka/config.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "core/check.hpp"
#include "core/property.hpp"
#include "core/suggest.hpp"
#include "core/trimmed.hpp"
#include "core/units.hpp"
#include "kafka/client_numbers.hpp"

namespace seatrial::kafka {
namespace {

struct PropertyTable {
  std::vector<std::string> names;
  std::map<std::string, std::string, std::less<>> aliases;  // alias -> canonical name
  std::set<std::string, std::less<>> producer_only;
  std::set<std::string, std::less<>> consumer_only;
  std::vector<PropertyDefinition> numbers;  // integers and floats
};

// `0 .. 900000`, of a number; the library checks whatever has no such range by itself.
void add_number(PropertyTable& table, const std::string& name, std::string_view range,
                std::string_view row) {
  using Type = PropertyDefinition::Type;
  const bool whole = row.find("*Type: integer*") != row.npos;
  if (!whole && row.find("*Type: float*") == row.npos) return;
  PropertyDefinition definition{.name = name, .type = whole ? Type::integer : Type::number};
  constexpr std::string_view dots = " .. ";
  if (const auto at = range.find(dots); at != range.npos) {
    const auto least = parse_number(range.substr(0, at));
    const auto most = parse_number(range.substr(at + dots.size()));
    if (least && most) {
      definition.least = *least;
      definition.most = *most;
    }
  }
  table.numbers.push_back(std::move(definition));
}

// One row: `name | C/P | range | default | importance | description`.
void add_row(PropertyTable& table, std::string_view row) {
  const auto bar = row.find('|');
  const auto second = bar == std::string_view::npos ? bar : row.find('|', bar + 1);
  if (second == std::string_view::npos) return;
  const std::string name(trimmed(row.substr(0, bar)));
  const std::string_view side = trimmed(row.substr(bar + 1, second - bar - 1));
  if (name.empty() || (side != "P" && side != "C" && side != "*")) return;  // headings and rules
  table.names.push_back(name);
  if (side == "P") table.producer_only.insert(name);
  if (side == "C") table.consumer_only.insert(name);
  const auto third = row.find('|', second + 1);
  if (third != row.npos) {
    add_number(table, name, trimmed(row.substr(second + 1, third - second - 1)), row);
  }
  constexpr std::string_view mark = "Alias for `";
  const auto alias = row.find(mark);
  if (alias == std::string_view::npos) return;
  const auto begin = alias + mark.size();
  table.aliases.emplace(name, std::string(row.substr(begin, row.find('`', begin) - begin)));
}

// The library prints its properties as a table and offers no other list that includes the aliases.
PropertyTable read_table() {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  check(out != nullptr, "a memory stream can be opened");
  rd_kafka_conf_properties_show(out);
  std::fclose(out);
  const std::unique_ptr<char, Call<std::free>> owner(text);
  PropertyTable table;
  std::string_view rest(text, size);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    add_row(table, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::ranges::sort(table.names);
  table.names.erase(std::unique(table.names.begin(), table.names.end()), table.names.end());
  return table;
}

const PropertyTable& table() {
  static const PropertyTable instance = read_table();
  return instance;
}

void add_dump(Properties& into, const char** dump, std::size_t count) {
  for (std::size_t i = 0; i + 1 < count; i += 2) {
    into[dump[i]] = dump[i + 1] == nullptr ? "" : dump[i + 1];
  }
  rd_kafka_conf_dump_free(dump, count);
}

void mask_secrets(Properties& properties) {
  for (auto& [name, value] : properties) {
    if (is_secret(name) && !value.empty()) value = "********";
  }
}

}  // namespace

Properties security_properties(const Properties& properties) {
  static constexpr std::array<std::string_view, 5> begins = {"security.", "ssl.", "sasl.",
                                                             "enable.ssl.", "enable.sasl."};
  Properties out;
  for (const auto& [name, value] : properties) {
    const auto starts = [&](std::string_view begin) { return name.starts_with(begin); };
    if (std::ranges::any_of(begins, starts)) out.emplace(name, value);
  }
  return out;
}

std::string library_version() { return rd_kafka_version_str(); }

const std::vector<std::string>& known_client_properties() { return table().names; }

const std::vector<PropertyDefinition>& client_numbers() { return table().numbers; }

std::string canonical_property(std::string_view name) {
  const auto it = table().aliases.find(name);
  return it == table().aliases.end() ? std::string(name) : it->second;
}

bool is_secret(std::string_view property) {
  static constexpr std::array<std::string_view, 8> marks = {
      "password", "secret", "key", "token", ".pem", "jaas", "sasl.username", "oauthbearer.config"};
  return std::ranges::any_of(
      marks, [&](std::string_view mark) { return property.find(mark) != property.npos; });
}

namespace {

// What people who know the Java client write, and what librdkafka has instead. Names that both have
// are in no such table.
struct JavaName {
  std::string_view java;
  std::string_view instead;
};
constexpr std::array java_names = {
    JavaName{"buffer.memory", "librdkafka's is 'queue.buffering.max.kbytes', in KiB"},
    JavaName{"default.api.timeout.ms", "librdkafka's is 'socket.timeout.ms'"},
    JavaName{"delivery.timeout.ms", "librdkafka's is 'message.timeout.ms'"},
    JavaName{"fetch.max.wait.ms", "librdkafka's is 'fetch.wait.max.ms'"},
    JavaName{"key.deserializer", "there is no counterpart: keys are bytes"},
    JavaName{"key.serializer", "there is no counterpart: keys are bytes"},
    JavaName{"max.block.ms", "there is no counterpart: a full queue refuses at once"},
    JavaName{"max.poll.records", "there is no counterpart: what has arrived is handed over"},
    JavaName{"max.request.size", "librdkafka's is 'message.max.bytes'"},
    JavaName{"metrics.recording.level", "librdkafka's are 'statistics.interval.ms'"},
    JavaName{"partitioner.class", "the harness has the option `partitioner`"},
    JavaName{"receive.buffer.bytes", "librdkafka's is 'socket.receive.buffer.bytes'"},
    JavaName{"sasl.jaas.config", "librdkafka's are 'sasl.username' and 'sasl.password'"},
    JavaName{"send.buffer.bytes", "librdkafka's is 'socket.send.buffer.bytes'"},
    JavaName{"ssl.truststore.location", "librdkafka's is 'ssl.ca.location', a file in PEM"},
    JavaName{"ssl.truststore.password", "librdkafka's 'ssl.ca.location' needs none"},
    JavaName{"value.deserializer", "there is no counterpart: values are bytes"},
    JavaName{"value.serializer", "there is no counterpart: values are bytes"},
};

std::string of_java(std::string_view name) {
  const auto it = std::ranges::find(java_names, name, &JavaName::java);
  if (it == java_names.end()) return {};
  return "'" + std::string(name) + "' is the Java client's; " + std::string(it->instead);
}

std::string set_property(rd_kafka_conf_t& conf, const std::string& name, const std::string& value) {
  std::array<char, 512> text{};
  switch (rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), text.data(), text.size())) {
    case RD_KAFKA_CONF_OK: return {};
    case RD_KAFKA_CONF_UNKNOWN:
      return "librdkafka " + library_version() + " has no property '" + name + "'" +
             did_you_mean(name, known_client_properties());
    default:
      // The library's text repeats the value, which must not be shown of a secret.
      return "'" + name + "': " + (is_secret(name) ? "the value is not valid" : text.data());
  }
}

// The library reads an integer by its first digits, in any base, and by words where there are none
// (`all`): `30s` is 30 to it, and 010 is 8. So what begins as a number has to be one, in decimal.
std::string wrong_number(std::string_view name, std::string_view value) {
  const auto* definition = find_property(table().numbers, name);
  if (definition == nullptr) return {};
  const bool whole = definition->type == PropertyDefinition::Type::integer;
  const auto first = value.find_first_not_of(" \t\r\n+-.");
  const bool digits = first != value.npos && value[first] >= '0' && value[first] <= '9';
  if (whole && !digits) return {};
  const auto read = read_property(*definition, value);
  if (!read) return read.error().message;
  if (*read == value || (!whole && parse_number(value))) return {};
  return "'" + std::string(name) + "': write " + *read + " for '" + std::string(value) + "'";
}

}  // namespace

std::string check_property(ClientType type, const std::string& name, const std::string& value) {
  if (auto java = of_java(name); !java.empty()) return java;
  const bool producer = type == ClientType::producer;
  if ((producer ? table().consumer_only : table().producer_only).contains(name)) {
    return std::string("'") + name + "' is a property of " + (producer ? "consumers" : "producers");
  }
  if (auto wrong = wrong_number(name, value); !wrong.empty()) return wrong;
  const ConfHandle conf(rd_kafka_conf_new());
  return set_property(*conf, name, value);
}

Result<ConfHandle> make_conf(const Properties& properties) {
  ConfHandle conf(rd_kafka_conf_new());
  std::map<std::string, std::string> given;  // by its one name: as it was written
  for (const auto& [name, value] : properties) {
    // The library would take the last one, whatever the order in which they were written.
    const auto [first, unseen] = given.emplace(canonical_property(name), name);
    if (!unseen) {
      return Error{"'" + first->second + "' and '" + name +
                       "' are two names of one property: leave out one of the two",
                   ""};
    }
    if (auto problem = set_property(*conf, name, value); !problem.empty()) {
      return Error{std::move(problem), ""};
    }
  }
  return conf;
}

Result<ClientHandle> make_client(ClientType type, ConfHandle conf) {
  std::array<char, 512> text{};
  const auto kind = type == ClientType::producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
  rd_kafka_t* client = rd_kafka_new(kind, conf.get(), text.data(), text.size());
  if (client == nullptr) return Error{std::string("no client can be made: ") + text.data(), ""};
  static_cast<void>(conf.release());  // the client's now
  return ClientHandle(client);
}

Properties effective_config(rd_kafka_t& client) {
  Properties out;
  std::size_t count = 0;
  // A duplicate would lose what the library itself changed, so the original is dumped, which only
  // reads it.
  auto* conf = const_cast<rd_kafka_conf_t*>(rd_kafka_conf(&client));
  const char** dump = rd_kafka_conf_dump(conf, &count);
  add_dump(out, dump, count);
  const auto global = out;
  // There is none in a client of which no topic property was set.
  const TopicConfHandle defaults(rd_kafka_topic_conf_new());
  auto* topic = rd_kafka_conf_get_default_topic_conf(conf);
  dump = rd_kafka_topic_conf_dump(topic != nullptr ? topic : defaults.get(), &count);
  add_dump(out, dump, count);
  for (const auto& [name, value] : global) out[name] = value;  // of equal names the client's rules
  const bool producer = rd_kafka_type(&client) == RD_KAFKA_PRODUCER;
  const auto& others = producer ? table().consumer_only : table().producer_only;
  for (const auto& [alias, name] : table().aliases) {
    if (const auto it = out.find(name); it != out.end() && !global.contains(alias)) {
      out[alias] = it->second;
    }
  }
  std::erase_if(out, [&](const auto& entry) {
    return others.contains(entry.first) || entry.second.starts_with("0x");  // callbacks' addresses
  });
  for (const char* name : {"acks", "request.required.acks"}) {
    if (const auto it = out.find(name); it != out.end() && it->second == "-1") it->second = "all";
  }
  mask_secrets(out);
  return out;
}

Result<Properties> effective_config(ClientType type, const Properties& properties) {
  auto conf = make_conf(properties);
  if (!conf) return conf.error();
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);  // it would complain of having no brokers
  auto client = make_client(type, std::move(*conf));
  if (!client) return client.error();
  return effective_config(**client);
}

}  // namespace seatrial::kafka
