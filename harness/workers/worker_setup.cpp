// Field by field, both ways.
#include "workers/worker_setup.hpp"

#include <nlohmann/json.hpp>

#include "core/check.hpp"
#include "core/registry.hpp"

namespace seatrial::workers {

using nlohmann::json;

namespace {

json options_json(const std::map<std::string, RawOption>& options) {
  json out = json::object();
  for (const auto& [name, raw] : options) {
    out[name] = {{"text", raw.text}, {"entries", raw.entries}, {"is_map", raw.is_map}};
  }
  return out;
}

std::map<std::string, RawOption> read_options(const json& from) {
  std::map<std::string, RawOption> out;
  for (const auto& [name, raw] : from.items()) {
    RawOption option;
    raw.at("text").get_to(option.text);
    raw.at("entries").get_to(option.entries);
    raw.at("is_map").get_to(option.is_map);
    out.emplace(name, std::move(option));
  }
  return out;
}

json shared_json(const SharedSetup& shared) {
  json partitions = json::array();
  for (const auto& where : shared.partitions) {
    partitions.push_back({where.topic, where.partition});
  }
  json lanes = json::array();
  for (const auto& lane : shared.ledger_lanes) {
    lanes.push_back(
        {lane.lane.value, lane.workload, lane.topic, lane.partitions, lane.max_in_flight});
  }
  return {{"lanes", shared.shape.lanes},
          {"memory", shared.memory},
          {"partitions", std::move(partitions)},
          {"ledger_lanes", std::move(lanes)},
          {"ledger", shared.ledger},
          {"in_ledger", shared.in_ledger ? json(*shared.in_ledger) : json()},
          {"full_history", shared.full_history}};
}

SharedSetup read_shared(const json& from) {
  SharedSetup out;
  for (const auto& where : from.at("partitions")) {
    out.partitions.push_back({where.at(0).get<std::string>(), where.at(1).get<std::int32_t>()});
  }
  for (const auto& lane : from.at("ledger_lanes")) {
    out.ledger_lanes.push_back({.lane = LaneId(lane.at(0).get<std::uint32_t>()),
                                .workload = lane.at(1).get<std::string>(),
                                .topic = lane.at(2).get<std::string>(),
                                .partitions = lane.at(3).get<std::uint32_t>(),
                                .max_in_flight = lane.at(4).get<std::uint32_t>()});
  }
  out.shape = {.lanes = from.at("lanes").get<std::size_t>(), .partitions = out.partitions.size()};
  from.at("memory").get_to(out.memory);
  from.at("ledger").get_to(out.ledger);
  if (const json& at = from.at("in_ledger"); !at.is_null()) {
    out.in_ledger = at.get<std::size_t>();
  }
  from.at("full_history").get_to(out.full_history);
  return out;
}

}  // namespace

json to_json(const WorkerSetup& setup) {
  const LaneContext& lane = setup.context;
  return {{"kind", setup.kind},
          {"options", options_json(setup.options)},
          {"parent", setup.parent},
          {"lane", lane.lane.value},
          {"index", lane.index},
          {"lanes", lane.lanes},
          {"workload", lane.workload},
          {"bootstrap", lane.bootstrap},
          {"topic", lane.topic},
          {"partitions", lane.partitions},
          {"trial_tag", lane.trial_tag},
          {"seed", lane.seed},
          {"properties", lane.properties},
          {"role", static_cast<int>(setup.role)},
          {"first_stream", lane.first_stream},
          {"first_partition", lane.first_partition},
          {"folder", setup.folder},
          {"shared", shared_json(setup.shared)}};
}

WorkerSetup read_setup(const json& from) {
  WorkerSetup out;
  from.at("kind").get_to(out.kind);
  from.at("parent").get_to(out.parent);
  out.options = read_options(from.at("options"));
  from.at("folder").get_to(out.folder);
  LaneContext& lane = out.context;
  lane.lane = LaneId(from.at("lane").get<std::uint32_t>());
  from.at("index").get_to(lane.index);
  from.at("lanes").get_to(lane.lanes);
  from.at("workload").get_to(lane.workload);
  from.at("bootstrap").get_to(lane.bootstrap);
  from.at("topic").get_to(lane.topic);
  from.at("partitions").get_to(lane.partitions);
  from.at("trial_tag").get_to(lane.trial_tag);
  from.at("seed").get_to(lane.seed);
  from.at("properties").get_to(lane.properties);
  from.at("first_stream").get_to(lane.first_stream);
  from.at("first_partition").get_to(lane.first_partition);
  out.role = static_cast<ProcessRole>(from.at("role").get<int>());
  out.shared = read_shared(from.at("shared"));
  return out;
}

namespace {

json spans_json(const std::vector<StreamSpan>& spans) {
  json out = json::array();
  for (const auto& span : spans) {
    out.push_back({span.stream.value, span.begin, span.end, span.first_offset, span.last_offset});
  }
  return out;
}

std::vector<StreamSpan> read_spans(const json& from) {
  std::vector<StreamSpan> out;
  for (const auto& span : from) {
    out.push_back({.stream = StreamId(span.at(0).get<std::uint32_t>()),
                   .begin = span.at(1).get<std::uint64_t>(),
                   .end = span.at(2).get<std::uint64_t>(),
                   .first_offset = span.at(3).get<std::int64_t>(),
                   .last_offset = span.at(4).get<std::int64_t>()});
  }
  return out;
}

json transaction_json(const TransactionHistory& one) {
  return {{"workload", one.workload},
          {"lane", one.lane.value},
          {"number", one.number},
          {"outcome", static_cast<int>(one.outcome)},
          {"zombie", one.zombie},
          {"fenced", one.fenced},
          {"refusal", one.refusal},
          {"commit_asked", to_ns(one.commit_asked)},
          {"writes", spans_json(one.writes)},
          {"reads", spans_json(one.reads)}};
}

TransactionHistory read_transaction(const json& from) {
  TransactionHistory out;
  from.at("workload").get_to(out.workload);
  out.lane = LaneId(from.at("lane").get<std::uint32_t>());
  from.at("number").get_to(out.number);
  out.outcome = static_cast<TransactionHistory::Outcome>(from.at("outcome").get<int>());
  from.at("zombie").get_to(out.zombie);
  from.at("fenced").get_to(out.fenced);
  from.at("refusal").get_to(out.refusal);
  out.commit_asked = from_ns(from.at("commit_asked").get<std::int64_t>());
  out.writes = read_spans(from.at("writes"));
  out.reads = read_spans(from.at("reads"));
  return out;
}

json keyed_json(const KeyedHistory& one) {
  json doubtful = json::array();
  for (const auto& [key, doubt] : one.doubtful) {
    doubtful.push_back({key, doubt.version, doubt.tombstone});
  }
  json sent = json::array();
  for (const Instant at : one.acked_sent) sent.push_back(to_ns(at));
  return {{"workload", one.workload},      {"topic", one.topic},
          {"first_key", one.first_key},    {"key_step", one.key_step},
          {"partition", one.partition},    {"acked", one.acked},
          {"acked_sent", std::move(sent)}, {"doubtful", std::move(doubtful)}};
}

KeyedHistory read_keyed(const json& from) {
  KeyedHistory out;
  from.at("workload").get_to(out.workload);
  from.at("topic").get_to(out.topic);
  from.at("first_key").get_to(out.first_key);
  from.at("key_step").get_to(out.key_step);
  from.at("partition").get_to(out.partition);
  from.at("acked").get_to(out.acked);
  for (const auto& at : from.at("acked_sent")) {
    out.acked_sent.push_back(from_ns(at.get<std::int64_t>()));
  }
  for (const auto& doubt : from.at("doubtful")) {
    out.doubtful[doubt.at(0).get<std::uint64_t>()] = {.version = doubt.at(1).get<std::uint64_t>(),
                                                      .tombstone = doubt.at(2).get<bool>()};
  }
  return out;
}

}  // namespace

json to_json(const LaneReport& report) {
  json errors = json::array();
  for (const auto& [partition, counts] : report.errors) {
    errors.push_back({{"partition", partition}, {"counts", counts}});
  }
  json transactions = json::array(), transforms = json::array(), keyed = json::array();
  for (const auto& one : report.transactions) transactions.push_back(transaction_json(one));
  for (const auto& one : report.transforms) {
    transforms.push_back({one.workload, one.group, one.input, one.output, one.transactional});
  }
  for (const auto& one : report.keyed) keyed.push_back(keyed_json(one));
  return {{"effective_config", report.effective_config},
          {"errors", std::move(errors)},
          {"notes", report.notes},
          {"client_version", report.client_version},
          {"intended", report.intended},
          {"unsent", report.unsent},
          {"redelivered", report.redelivered},
          {"wake_ns", report.wake_ns},
          {"counts", report.counts},
          {"transactions", std::move(transactions)},
          {"transforms", std::move(transforms)},
          {"keyed", std::move(keyed)}};
}

LaneReport read_report(const json& from) {
  LaneReport out;
  from.at("effective_config").get_to(out.effective_config);
  for (const auto& row : from.at("errors")) {
    row.at("counts").get_to(out.errors[row.at("partition").get<std::int32_t>()]);
  }
  from.at("notes").get_to(out.notes);
  from.at("client_version").get_to(out.client_version);
  from.at("intended").get_to(out.intended);
  from.at("unsent").get_to(out.unsent);
  from.at("redelivered").get_to(out.redelivered);
  from.at("wake_ns").get_to(out.wake_ns);
  from.at("counts").get_to(out.counts);
  for (const auto& one : from.at("transactions")) out.transactions.push_back(read_transaction(one));
  for (const auto& one : from.at("transforms")) {
    out.transforms.push_back({.workload = one.at(0).get<std::string>(),
                              .group = one.at(1).get<std::string>(),
                              .input = one.at(2).get<std::string>(),
                              .output = one.at(3).get<std::string>(),
                              .transactional = one.at(4).get<bool>()});
  }
  for (const auto& one : from.at("keyed")) out.keyed.push_back(read_keyed(one));
  return out;
}

json question_of_version() { return {{"question", "version"}}; }

json question_of_workload(const std::string& kind, const std::map<std::string, RawOption>& options,
                          const std::string& folder) {
  return {{"question", "workload"},
          {"kind", kind},
          {"options", options_json(options)},
          {"folder", folder}};
}

bool is_question(const json& line) { return line.contains("question"); }

json answer(const json& question) {
  if (question.at("question") == "version") return to_json(kafka::loaded_library());
  const auto* plugin = Registry<Workload>::instance().find(question.at("kind").get<std::string>());
  check(plugin != nullptr, "a question is about a workload that there is");
  std::vector<OptionProblem> problems;
  auto options = Options::check(plugin->options, read_options(question.at("options")), problems);
  options.set_folder(question.at("folder").get<std::string>());
  json out{{"problems", json::array()}, {"contradiction", ""}, {"properties", json::object()}};
  for (const auto& problem : problems) {
    out["problems"].push_back({{"name", problem.name}, {"message", problem.message}});
  }
  if (!problems.empty()) return out;
  try {
    out["properties"] = plugin->make(options)->client_properties();
  } catch (const UsageError& error) {
    out["contradiction"] = error.what();
  }
  return out;
}

json to_json(const kafka::LoadedLibrary& library) {
  return {{"version", library.version}, {"file", library.file}, {"copies", library.copies}};
}

kafka::LoadedLibrary read_loaded(const json& from) {
  kafka::LoadedLibrary out;
  from.at("version").get_to(out.version);
  from.at("file").get_to(out.file);
  from.at("copies").get_to(out.copies);
  return out;
}

scenario::LibraryAnswer read_answer(const json& from) {
  scenario::LibraryAnswer out;
  for (const auto& problem : from.at("problems")) {
    out.problems.push_back({.name = problem.at("name").get<std::string>(),
                            .message = problem.at("message").get<std::string>()});
  }
  from.at("contradiction").get_to(out.contradiction);
  from.at("properties").get_to(out.properties);
  return out;
}

}  // namespace seatrial::workers
