// Making lanes, and their common life.
#include "run/lanes.hpp"

#include <algorithm>
#include <map>

#include "core/check.hpp"
#include "core/counted.hpp"
#include "core/mix.hpp"
#include "core/setting_refused.hpp"

namespace seatrial::run {
namespace {

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown exception";
  }
}

std::string name_of(const LaneRun& lane) {
  return "workload '" + lane.context.workload + "', lane " + std::to_string(lane.context.index);
}

// What a lane ended with while it connected: a setting that brokers refuse keeps its place.
[[noreturn]] void raise(const std::string& who, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const SettingRefused&) {
    throw;
  } catch (...) {
    throw InfrastructureError(who + ": " + text_of(error));
  }
}

// By the client's effective properties, in librdkafka's spelling.
ledger::GroupShape group_shape(const scenario::WorkloadPlan& plan, const Workload& workload,
                               int partitions) {
  const auto properties = client_properties(plan, workload);
  const auto is = [&](const char* name, std::string_view value) {
    const auto at = properties.find(name);
    return at != properties.end() && at->second == value;
  };
  // Under `error` the lanes begin at the start themselves: see kafka/consumer.hpp.
  bool from_start = false;
  for (const char* reset : {"earliest", "smallest", "beginning", "error"})
    from_start = from_start || is("auto.offset.reset", reset);
  return {.workload = plan.name,
          .group = plan.options.has("group") ? plan.options.text("group") : plan.name,
          .topic = plan.options.text("topic"),
          .partitions = partitions,
          .read_committed = !workload.traits().shares && is("isolation.level", "read_committed"),
          .from_start = workload.traits().shares || from_start,
          .at_most_once = workload.traits().at_most_once,
          .share = workload.traits().shares};
}

std::optional<workers::ClientLibrary> library_of(const scenario::WorkloadPlan& plan,
                                                 const std::filesystem::path& program) {
  if (plan.client_library.empty()) return std::nullopt;
  auto found = workers::find_client_library(plan.client_library, program);
  if (!found) throw InfrastructureError(found.error().message);
  return std::move(*found);
}

}  // namespace

std::map<std::string, std::string> client_properties(const scenario::WorkloadPlan& plan,
                                                     const Workload& workload) {
  return plan.client_library.empty() ? workload.client_properties() : plan.client_properties;
}

Lanes::Lanes(const LanesSetting& setting) {
  if (setting.plan.full_history) operations_ = std::make_unique<ledger::OperationLog>();
  add_lanes(setting);
  share_out(setting.plan);
  for (std::size_t workload = 0; workload < workloads_.size(); ++workload) {
    const WorkloadRun& run = workloads_[workload];
    if (!run.workload->traits().has_members && run.plan->client_library.empty()) continue;
    for (const std::size_t lane : run.lanes) add_process(setting, workload, *lanes_[lane]);
  }
  for (auto& lane : lanes_) {
    if (!lane->in_ledger || lane->worker) continue;
    lane->ledger.emplace(ledger_->lane(*lane->in_ledger));
    lane->context.ledger = &*lane->ledger;
    if (operations_)
      lane->ledger->keep_operations(*operations_, lane->context.lane, lane->context.first_stream);
  }
}

void Lanes::add_lanes(const LanesSetting& setting) {
  const scenario::TrialPlan& plan = setting.plan;
  for (const auto& workload_plan : plan.workloads) {
    WorkloadRun run;
    run.plan = &workload_plan;
    run.workload =
        Registry<Workload>::instance().find(workload_plan.kind)->make(workload_plan.options);
    const std::string& topic = workload_plan.options.text("topic");
    const auto topic_plan = std::ranges::find(plan.topics, topic, &scenario::TopicPlan::name);
    check(topic_plan != plan.topics.end(), "the plan names only topics that it declares");
    if (!run.workload->traits().produces) {
      auto shape = group_shape(workload_plan, *run.workload, topic_plan->partitions);
      shape.operations = operations_.get();
      run.group = std::make_unique<ledger::GroupLedger>(std::move(shape));
    }
    const int count = run.workload->traits().lanes;
    for (int index = 0; index < count; ++index) {
      auto lane = std::make_unique<LaneRun>();
      lane->produces = run.workload->traits().produces;
      lane->recorder = std::make_unique<measure::LaneRecorder>(0);
      const auto id = static_cast<std::uint32_t>(lanes_.size());
      lane->context = LaneContext{.lane = LaneId(id),
                                  .index = index,
                                  .lanes = count,
                                  .workload = workload_plan.name,
                                  .bootstrap = setting.bootstrap,
                                  .topic = topic,
                                  .partitions = topic_plan->partitions,
                                  .trial_tag = setting.trial_tag,
                                  .seed = mix((plan.seed ^ mix(id + golden_gamma)) + golden_gamma),
                                  .properties = workload_plan.options.properties("properties")};
      lane->context.recorder = lane->recorder.get();
      lane->context.group = run.group.get();
      run.lanes.push_back(lanes_.size());
      lanes_.push_back(std::move(lane));
    }
    workloads_.push_back(std::move(run));
  }
}

// What all lanes write to, wherever they live.
void Lanes::share_out(const scenario::TrialPlan& plan) {
  std::vector<TopicPartition> partitions;
  std::map<std::string, std::size_t> first;
  for (const auto& topic : plan.topics) {
    first[topic.name] = partitions.size();
    for (int p = 0; p < topic.partitions; ++p) partitions.push_back({topic.name, p});
  }
  share_.emplace(workers::TrialShape{.lanes = lanes_.size(), .partitions = partitions.size()});
  availability_ = std::make_unique<measure::Availability>(std::move(partitions), share_->acks(),
                                                          measure::Availability::Memory::fresh);
  for (const auto& lane : lanes_) {
    if (!lane->produces) continue;
    lane->in_ledger = ledger_shapes_.size();
    ledger_shapes_.push_back({.lane = lane->context.lane,
                              .workload = lane->context.workload,
                              .topic = lane->context.topic,
                              .partitions = static_cast<std::uint32_t>(lane->context.partitions)});
  }
  ledger_ = std::make_unique<ledger::Ledger>(ledger_shapes_);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    LaneContext& context = lanes_[i]->context;
    context.clock = &share_->clock();
    context.counters = &share_->counters(i);
    context.conduct = &share_->conduct(i);
    context.availability = availability_.get();
    context.first_partition = first[context.topic];
    if (lanes_[i]->in_ledger) context.first_stream = ledger_->first_stream(*lanes_[i]->in_ledger);
  }
}

// Members count from 1, as brokers do.
void Lanes::add_process(const LanesSetting& setting, std::size_t workload, LaneRun& lane) {
  const WorkloadRun& run = workloads_[workload];
  const bool member = run.workload->traits().has_members;
  const int number = lane.context.index + 1;
  const std::string file =
      lane.context.workload + (member ? "-member-" : "-lane-") + std::to_string(number) + ".log";
  std::filesystem::create_directories(setting.folder);
  lane.worker = std::make_unique<workers::WorkerLane>(
      lane.context, run.plan->kind, run.plan->options, run.workload->member_span(number - 1),
      workers::WorkerSetting{
          .program = setting.program,
          .run_id = setting.run_id,
          .log = setting.folder / file,
          .library = library_of(*run.plan, setting.program),
          .role = member ? workers::ProcessRole::member : workers::ProcessRole::lane,
          .shared = {.shape = {lanes_.size(), availability_->partitions().size()},
                     .memory = share_->descriptor(),
                     .partitions = availability_->partitions(),
                     .ledger_lanes = ledger_shapes_,
                     .ledger = ledger_->descriptor(),
                     .in_ledger = lane.in_ledger,
                     .full_history = operations_ != nullptr},
          .operations = operations_.get()});
  if (member) members_.add(member_node(workload, number), *lane.worker);
}

Lanes::~Lanes() {
  abandon(seconds(2));
  for (auto& lane : lanes_) {
    if (lane->thread.joinable()) lane->thread.join();
  }
}

void Lanes::run_lane(LaneRun& lane, const Workload& workload) {
  try {
    const auto ready = [&] {
      lane.ready = true;
      released_.wait(false);
    };
    lane.report = lane.worker ? lane.worker->run(ready, stop_.get_token())
                              : workload.run(lane.context, ready, stop_.get_token());
  } catch (const InfrastructureError& error) {
    const auto open = lane.worker ? count_open(lane) : 0;
    lane.error = std::make_exception_ptr(InfrastructureError(
        error.what() +
        (open == 0 ? "" : "; what became of " + counted(open, "message") + " is unknown")));
  } catch (...) {
    lane.error = std::current_exception();
  }
  lane.done = true;
}

// The process is gone, and what it had open stays so: those messages count with their age.
std::size_t Lanes::count_open(LaneRun& lane) {
  if (!lane.in_ledger) return 0;
  const auto open = ledger_->open_messages(*lane.in_ledger);
  const std::int64_t now_ns = to_ns(now());
  for (const auto& message : open) {
    lane.recorder->censored(message.intended_ns, message.sent_ns, now_ns);
    availability_->not_acked(
        lane.context.first_partition + message.stream.value - lane.context.first_stream,
        message.intended_ns);
  }
  lane.recorder->publish();
  lane.context.counters->unknown.fetch_add(open.size(), std::memory_order_relaxed);
  return open.size();
}

void Lanes::connect(Instant deadline, const std::stop_token& stop) {
  for (auto& run : workloads_) {
    for (std::size_t index : run.lanes) {
      LaneRun& lane = *lanes_[index];
      lane.thread = std::thread([this, &lane, &run] { run_lane(lane, *run.workload); });
    }
  }
  while (const LaneRun* waited_for = first_not_ready()) {
    if (stop.stop_requested()) throw Interrupted();
    if (now() > deadline)
      throw InfrastructureError(name_of(*waited_for) + " could not connect in time");
    std::this_thread::sleep_for(milliseconds(2));
  }
}

// Null: all are ready. Throws what any of them ended with, whichever it is.
const LaneRun* Lanes::first_not_ready() const {
  const LaneRun* first = nullptr;
  for (const auto& lane : lanes_) {
    if (lane->ready) continue;
    if (lane->done && lane->error) raise(name_of(*lane), lane->error);
    if (lane->done) throw InfrastructureError(name_of(*lane) + " ended before it was connected");
    if (first == nullptr) first = lane.get();
  }
  return first;
}

void Lanes::release(const scenario::PhasesPlan& phases) {
  const Instant start = now() + milliseconds(20);
  TrialClock& clock = share_->clock();
  clock.start_ns = to_ns(start);
  clock.origin_ns = to_ns(start + phases.warmup.at_least);
  clock.intend_until_ns = to_ns(start + phases.warmup.at_most + phases.measure);
  for (auto& lane : lanes_) lane->recorder->set_origin(clock.origin_ns);
  cpu_before_ns_ = total(&LaneCounters::cpu_ns);
  released_ = true;
  released_.notify_all();
}

void Lanes::begin_measure(Instant at, nanoseconds length) {
  TrialClock& clock = share_->clock();
  check(!clock.decided(), "measure begins once");
  for (auto& lane : lanes_) lane->recorder->set_measure(to_ns(at), to_ns(at + length));
  // In this order: who sees the start shall find the end.
  clock.intend_until_ns = to_ns(at + length);
  clock.measure_ns = to_ns(at);
}

nanoseconds Lanes::processes_cpu() const {
  return nanoseconds(total(&LaneCounters::cpu_ns) - cpu_before_ns_);
}

void Lanes::abandon(nanoseconds grace) {
  TrialClock& clock = share_->clock();
  clock.settle_until_ns = std::min(to_ns(now() + grace), clock.settle_until_ns.load());
  clock.consumers_stop = true;
  stop_.request_stop();
  released_ = true;
  released_.notify_all();
}

void Lanes::settle_producers(nanoseconds budget, const std::stop_token& stop) {
  auto& settle_until_ns = share_->clock().settle_until_ns;
  settle_until_ns = std::min(settle_until_ns.load(), to_ns(now() + budget));
  join([](const LaneRun& lane) { return lane.produces; }, stop);
}

// A stop gives them a second more.
void Lanes::join(bool (*chosen)(const LaneRun&), const std::stop_token& stop) {
  const auto over = [&](const auto& lane) { return !chosen(*lane) || lane->done; };
  while (!std::ranges::all_of(lanes_, over) && !stop.stop_requested()) {
    std::this_thread::sleep_for(milliseconds(2));
  }
  if (stop.stop_requested()) abandon(seconds(1));
  for (auto& lane : lanes_) {
    if (chosen(*lane) && lane->thread.joinable()) lane->thread.join();
  }
}

void Lanes::finish_consumers(nanoseconds budget, const std::stop_token& stop) {
  if (!any_consumer()) return;
  nanoseconds quiet{0};
  for (const auto& run : workloads_) {
    if (!run.workload->traits().produces)
      quiet = std::max(quiet, run.workload->traits().quiet_time);
  }
  const Instant deadline = now() + budget + quiet;
  std::uint64_t last = total(&LaneCounters::consumed);
  Instant changed = now();
  while (now() < deadline && now() - changed < quiet && !stop.stop_requested()) {
    std::this_thread::sleep_for(milliseconds(20));
    const std::uint64_t present = total(&LaneCounters::consumed);
    if (present != last) changed = now();
    last = present;
  }
  consumers_quiet_ = now() - changed >= quiet;
  share_->clock().consumers_stop = true;
  join([](const LaneRun&) { return true; }, stop);
}

bool Lanes::any_consumer() const {
  return std::ranges::any_of(lanes_, [](const auto& lane) { return !lane->produces; });
}

bool Lanes::any_producer() const {
  return std::ranges::any_of(lanes_, [](const auto& lane) { return lane->produces; });
}

bool Lanes::producers_done() const {
  return std::ranges::all_of(lanes_, [](const auto& l) { return !l->produces || l->done; });
}

std::uint64_t Lanes::total(std::atomic<std::uint64_t> LaneCounters::*counter) const {
  std::uint64_t sum = 0;
  for (const auto& run : workloads_) sum += total(run, counter);
  return sum;
}

std::uint64_t Lanes::total(const WorkloadRun& run,
                           std::atomic<std::uint64_t> LaneCounters::*counter) const {
  std::uint64_t sum = 0;
  for (const std::size_t lane : run.lanes) {
    sum += (lanes_[lane]->context.counters->*counter).load(std::memory_order_relaxed);
  }
  return sum;
}

std::vector<std::string> Lanes::failures() const {
  std::vector<std::string> out;
  for (const auto& lane : lanes_) {
    if (lane->error) {
      out.push_back(name_of(*lane) + ": " + text_of(lane->error));
    }
  }
  return out;
}

}  // namespace seatrial::run
