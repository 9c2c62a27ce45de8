// The script's beginning, the records that it says, and the lane's thread.
#include "unit/workers/scripted_worker.hpp"

#include <nlohmann/json.hpp>

#include "workers/lane_news.hpp"
#include "workers/worker_setup.hpp"

namespace seatrial::workers {
namespace {

namespace fs = std::filesystem;

fs::path make_folder() {
  std::string path = (fs::temp_directory_path() / "seatrial-worker-XXXXXX").string();
  REQUIRE(mkdtemp(path.data()) != nullptr);
  return path;
}

Bytes report_bytes() {
  LaneReport report;
  report.client_version = "librdkafka 0.0.0";
  report.notes = {"all is well"};
  const nlohmann::json reported{{"report", to_json(report)},
                                {"totals", totals_of(measure::LaneRecorder(0))}};
  Bytes out;
  encode_text(WorkerRecord::Kind::report_part, reported.dump(), out);
  return out;
}

}  // namespace

ScriptedWorker::ScriptedWorker(const std::string& script, ProcessRole role, WorkerPatience patience,
                               MemberSpan span)
    : folder(make_folder()),
      context(make_context()),
      lane(context, "test", {}, span,
           {.program = folder / "worker",
            .run_id = "test",
            .log = folder / "log" / "worker.log",
            .library = {},
            .role = role,
            .shared = {},
            .patience = patience}) {
  fs::create_directories(folder / "log");
  prepare("joined", record_of(WorkerRecord::Kind::ready));
  prepare("report", report_bytes());
  rewrite(script);
}

ScriptedWorker::~ScriptedWorker() {
  stop.request_stop();
  if (thread_.joinable()) thread_.join();
  fs::remove_all(folder);
}

LaneContext ScriptedWorker::make_context() {
  LaneContext out;
  out.workload = "reads";
  out.topic = "orders";
  out.clock = &clock;
  out.counters = &counters;
  out.recorder = &recorder;
  out.group = &group;
  return out;
}

void ScriptedWorker::prepare(const std::string& name, const Bytes& bytes) const {
  std::ofstream(folder / name, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

// Renamed into place: a shell reads its script as it goes along.
void ScriptedWorker::rewrite(const std::string& script) const {
  const auto draft = folder / "draft";
  std::ofstream(draft) << "#!/bin/sh\n"
                       << "dir='" << folder.string() << "'\n"
                       << "orders() { read -r setup; : > \"$dir/begun\"; }\n"
                       << "order() { read -r word; }\n"
                       << "say() { cat \"$dir/$1\"; }\n"
                       << "hang() { exec sleep 600; }\n"
                       << script << "\n";
  fs::permissions(draft, fs::perms::owner_all);
  fs::rename(draft, folder / "worker");
}

void ScriptedWorker::run() {
  thread_ = std::thread([this] {
    try {
      report = lane.run([this] { ready = true; }, stop.get_token());
    } catch (...) {
      error = std::current_exception();
    }
    ended = true;
  });
}

std::string ScriptedWorker::end() {
  clock.consumers_stop = true;
  return join();
}

std::string ScriptedWorker::join() {
  thread_.join();
  if (!error) return "";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  }
}

std::vector<std::string> ScriptedWorker::events() const {
  std::vector<std::string> out;
  for (const auto& event : lane.log().events) {
    const bool pid = event.kind == WorkerEvent::Kind::started;
    out.push_back(to_string(event.kind) + (event.text.empty() || pid ? "" : ": " + event.text));
  }
  return out;
}

}  // namespace seatrial::workers
