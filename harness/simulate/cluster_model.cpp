// The events of the model, in the order of time.
#include "simulate/cluster_model.hpp"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_01.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <queue>

#include "core/check.hpp"
#include "simulate/station.hpp"

namespace seatrial::simulate {
namespace {

// Clients that heard of a new leader come within this time, Kafka's default of retry.backoff.ms.
constexpr double retry_within_s = 0.1;

enum class Step : std::uint8_t {
  arrive,     // a request is made
  received,   // it waits for the leader's CPU
  written,    // the leader has appended it
  fetched,    // the leader has served a fetch of a follower
  sent,       // the follower has it in its socket
  copied,     // it waits for the follower's CPU
  confirmed,  // the follower's next fetch says that it has it
  fenced      // brokers that are gone are out of all replica sets
};

struct Event {
  double at_s;
  std::uint64_t order;  // first come, first served among equals
  Step step;
  std::uint32_t broker, slot;  // slot: a request, or a follower's place
  bool operator<(const Event& other) const {
    return at_s != other.at_s ? at_s > other.at_s : order > other.order;
  }
};

struct Request {
  double made_s = 0;
  std::uint32_t waits_for = 0;  // followers
  bool held = false;            // until those that are gone are fenced
};

// One fetcher thread: of one follower, from one leader.
struct Fetcher {
  bool under_way = false;
  std::vector<std::uint32_t> waiting, carried;
};

struct Broker {
  Station in, out;
  std::size_t host = 0;
  std::vector<Fetcher> followers;
};

class Cluster {
 public:
  Cluster(const Costs& costs, const Question& question)
      : costs_(costs), question_(question), random_(question.seed) {
    const std::size_t count = question.sample > 0 ? question.sample : question.brokers;
    const std::size_t hosts = costs.hosts > 0 ? costs.hosts : count;
    hosts_.assign(hosts, Station(static_cast<std::size_t>(std::max(1.0, costs.cores))));
    brokers_.resize(count);
    for (std::size_t b = 0; b < count; ++b) {
      brokers_[b].host = b % hosts;
      brokers_[b].followers.resize(question.replication - 1);
    }
    const auto n = static_cast<double>(question.brokers);
    lost_share_ = static_cast<double>(question.lose) / n;
    follower_lost_ = question.brokers > 1 ? static_cast<double>(question.lose) / (n - 1) : 0;
    lost_at_s_ = question.lose > 0 ? question.seconds / 3 : question.seconds * 2;
    fenced_at_s_ = lost_at_s_ + question.fenced_after_s;
    gap_s_ = costs.request_bytes * n / question.bytes_per_s;
  }

  Answer run() {
    for (std::uint32_t b = 0; b < brokers_.size(); ++b) push(draw(gap_s_), Step::arrive, b, 0);
    if (question_.lose > 0) push(fenced_at_s_, Step::fenced, 0, 0);
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      while (mark_ < marks_.size() && event.at_s >= mark_s(mark_)) marks_[mark_++] = busy();
      now_s_ = event.at_s;
      ++answer_.events;
      handle(event);
    }
    while (mark_ < marks_.size()) marks_[mark_++] = busy();
    answer_.simulated_brokers = brokers_.size();
    answer_.worked_off_s = std::max(0.0, now_s_ - question_.seconds);
    summarize();
    return std::move(answer_);
  }

 private:
  void push(double at_s, Step step, std::uint32_t broker, std::uint32_t slot) {
    events_.push({at_s, order_++, step, broker, slot});
  }
  double draw(double mean_s) { return mean_s > 0 ? exponential_(random_) * mean_s : 0; }
  double uniform() { return uniform_(random_); }

  // When a broker's CPU has dealt with bytes of that weight.
  double compute(std::uint32_t broker, double bytes, double weight) {
    const double work_s = costs_.cpu_s_per_request + costs_.cpu_s_per_byte * bytes * weight;
    const double mean_s = work_s / (1 - std::min(costs_.background, 0.99));
    return hosts_[brokers_[broker].host].serve(now_s_, draw(mean_s));
  }
  [[nodiscard]] double transfer_s(double bytes) const { return bytes / costs_.network_bytes_per_s; }
  [[nodiscard]] std::uint32_t follower(std::uint32_t leader, std::uint32_t place) const {
    return static_cast<std::uint32_t>((leader + place + 1) % brokers_.size());
  }

  void handle(const Event& event) {
    switch (event.step) {
      case Step::arrive: return arrive(event.broker, event.slot);
      case Step::received:
        return push(compute(event.broker, costs_.request_bytes, 1), Step::written, event.broker,
                    event.slot);
      case Step::written: return written(event.broker, event.slot);
      case Step::fetched: {
        const double gone_s =
            brokers_[event.broker].out.serve(now_s_, transfer_s(carried_bytes(event)));
        return push(gone_s + draw(costs_.hop_s), Step::sent, event.broker, event.slot);
      }
      case Step::sent: {
        Station& in = brokers_[follower(event.broker, event.slot)].in;
        return push(in.serve(now_s_, transfer_s(carried_bytes(event))), Step::copied, event.broker,
                    event.slot);
      }
      case Step::copied: {
        const double done_s = compute(follower(event.broker, event.slot), carried_bytes(event), 1);
        return push(done_s + draw(costs_.hop_s), Step::confirmed, event.broker, event.slot);
      }
      case Step::confirmed: return confirmed(event.broker, event.slot);
      case Step::fenced: return fenced();
    }
  }

  [[nodiscard]] double carried_bytes(const Event& event) const {
    const auto count = brokers_[event.broker].followers[event.slot].carried.size();
    return static_cast<double>(count) * costs_.request_bytes;
  }

  // Slot 1: one that was held back by its client, after which no other comes.
  void arrive(std::uint32_t broker, std::uint32_t held_back) {
    if (held_back == 0) {
      // Those that are left lead what the lost ones led, once these are fenced.
      const double share = now_s_ >= fenced_at_s_ ? 1 - lost_share_ : 1;
      const double next_s = now_s_ + draw(gap_s_ * share);
      if (next_s < question_.seconds) push(next_s, Step::arrive, broker, 0);
    }
    double made_s = now_s_;
    if (held_back > 0) {
      made_s = held_back_[held_back - 1];
    } else if (now_s_ >= lost_at_s_ && now_s_ < fenced_at_s_ && uniform() < lost_share_) {
      // Its leader is gone: the client comes again when there is a new one.
      held_back_.push_back(now_s_);
      push(fenced_at_s_ + uniform() * retry_within_s, Step::arrive, broker,
           static_cast<std::uint32_t>(held_back_.size()));
      return;
    }
    const std::uint32_t slot = take_slot();
    requests_[slot] = {.made_s = made_s};
    ++answer_.created;
    const double received_s = brokers_[broker].in.serve(now_s_, transfer_s(costs_.request_bytes));
    push(received_s, Step::received, broker, slot);
  }

  std::uint32_t take_slot() {
    if (free_.empty()) {
      requests_.emplace_back();
      return static_cast<std::uint32_t>(requests_.size() - 1);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void written(std::uint32_t broker, std::uint32_t slot) {
    for (double group = 0; group < question_.groups; ++group) {
      compute(broker, costs_.request_bytes, costs_.read_weight);
      brokers_[broker].out.serve(now_s_, transfer_s(costs_.request_bytes));
    }
    Request& request = requests_[slot];
    const bool some_lost = now_s_ >= lost_at_s_;
    auto& followers = brokers_[broker].followers;
    for (std::uint32_t place = 0; place < followers.size(); ++place) {
      if (some_lost && uniform() < follower_lost_) {
        request.held |= now_s_ < fenced_at_s_;
        continue;
      }
      ++request.waits_for;
      followers[place].waiting.push_back(slot);
    }
    if (request.held) held_.push_back(slot);
    for (std::uint32_t place = 0; place < followers.size(); ++place) {
      if (!followers[place].under_way && !followers[place].waiting.empty()) fetch(broker, place);
    }
    if (!question_.acks_all) answered(request);
    finish_if_done(slot);
  }

  // All that waits, at once.
  void fetch(std::uint32_t leader, std::uint32_t place) {
    Fetcher& fetcher = brokers_[leader].followers[place];
    fetcher.under_way = true;
    std::swap(fetcher.waiting, fetcher.carried);
    const double bytes = static_cast<double>(fetcher.carried.size()) * costs_.request_bytes;
    push(compute(leader, bytes, costs_.read_weight), Step::fetched, leader, place);
  }

  void confirmed(std::uint32_t leader, std::uint32_t place) {
    Fetcher& fetcher = brokers_[leader].followers[place];
    for (const std::uint32_t slot : fetcher.carried) {
      --requests_[slot].waits_for;
      finish_if_done(slot);
    }
    fetcher.carried.clear();
    fetcher.under_way = false;
    if (!fetcher.waiting.empty()) fetch(leader, place);
  }

  void fenced() {
    for (const std::uint32_t slot : held_) {
      requests_[slot].held = false;
      finish_if_done(slot);
    }
    held_.clear();
  }

  void finish_if_done(std::uint32_t slot) {
    const Request& request = requests_[slot];
    if (request.waits_for > 0 || request.held) return;
    if (question_.acks_all) answered(request);
    ++answer_.completed;
    free_.push_back(slot);
  }

  void answered(const Request& request) {
    const double latency_s = now_s_ - request.made_s + outside();
    std::size_t when = 0;
    if (request.made_s >= fenced_at_s_) when = 2;
    else if (request.made_s >= lost_at_s_) when = 1;
    latencies_s_[when].push_back(static_cast<float>(latency_s));
  }

  double outside() {
    const auto& steps = costs_.outside_s;
    if (steps.size() < 2) return steps.empty() ? 0 : steps.front();
    const double place = uniform() * static_cast<double>(steps.size() - 1);
    const auto at = std::min(static_cast<std::size_t>(place), steps.size() - 2);
    const double part = place - static_cast<double>(at);
    return steps[at] * (1 - part) + steps[at + 1] * part;
  }

  void summarize() {
    const char* names[] = {"all the time", "until fenced", "after"};
    for (std::size_t when = 0; when < 3; ++when) {
      auto& all = latencies_s_[when];
      if (all.empty()) continue;
      std::ranges::sort(all);
      Latencies out{.when = when == 0 && question_.lose > 0 ? "before" : names[when],
                    .requests = all.size()};
      for (const float one : all) out.mean_s += static_cast<double>(one);
      out.mean_s /= static_cast<double>(all.size());
      const auto at = [&](double share) {
        const auto place = static_cast<std::size_t>(share * static_cast<double>(all.size()));
        return static_cast<double>(all[std::min(place, all.size() - 1)]);
      };
      out.p50_s = at(0.5);
      out.p99_s = at(0.99);
      out.p999_s = at(0.999);
      out.most_s = static_cast<double>(all.back());
      answer_.latencies.push_back(std::move(out));
    }
    use();
  }

  // What was asked of all that is simulated, up to now.
  struct Busy {
    double cpu_s = 0, in_s = 0, out_s = 0;
  };
  [[nodiscard]] Busy busy() const {
    Busy out;
    for (const Station& host : hosts_) out.cpu_s += host.busy_s();
    for (const Broker& broker : brokers_) {
      out.in_s += broker.in.busy_s();
      out.out_s += broker.out.busy_s();
    }
    return out;
  }
  [[nodiscard]] double mark_s(std::size_t mark) const {
    return mark == 0   ? std::min(lost_at_s_, question_.seconds)
           : mark == 1 ? std::min(fenced_at_s_, question_.seconds)
                       : question_.seconds;
  }

  void use() {
    const double servers =
        std::floor(std::max(1.0, costs_.cores)) * static_cast<double>(hosts_.size());
    const auto count = static_cast<double>(brokers_.size());
    const double first_s = mark_s(0), last_s = mark_s(2) - mark_s(1);
    const auto add = [&](const char* of, double Busy::*busy, double capacity, double share) {
      const auto in = [&](double work_s, double over_s) {
        return over_s > 0 ? work_s / over_s / capacity * (1 - share) + share : 0;
      };
      answer_.use.push_back(
          {of, in(marks_[0].*busy, first_s), in(marks_[2].*busy - marks_[1].*busy, last_s)});
    };
    // Service took longer by what else is busy: the work itself is the share that is not.
    add("CPU", &Busy::cpu_s, servers, std::min(costs_.background, 0.99));
    add("network in", &Busy::in_s, count, 0);
    add("network out", &Busy::out_s, count, 0);
  }

  const Costs& costs_;
  const Question& question_;
  boost::random::mt19937_64 random_;
  boost::random::exponential_distribution<double> exponential_;
  boost::random::uniform_01<double> uniform_;
  std::vector<Station> hosts_;
  std::vector<Broker> brokers_;
  std::priority_queue<Event> events_;
  std::vector<Request> requests_;
  std::vector<std::uint32_t> free_, held_;
  std::vector<double> held_back_;  // when those were made
  std::vector<float> latencies_s_[3];
  std::array<Busy, 3> marks_{};
  std::size_t mark_ = 0;
  Answer answer_;
  double lost_share_ = 0, follower_lost_ = 0;
  double lost_at_s_ = 0, fenced_at_s_ = 0, gap_s_ = 0, now_s_ = 0;
  std::uint64_t order_ = 0;
};

}  // namespace

Answer simulate(const Costs& costs, const Question& question) {
  check(question.brokers >= question.replication && question.replication > 0,
        "there are as many brokers as replicas");
  check(costs.request_bytes > 0 && question.bytes_per_s > 0 && costs.network_bytes_per_s > 0,
        "there is a load, and a network");
  return Cluster(costs, question).run();
}

std::size_t sample_of(std::size_t brokers, std::size_t replication) {
  // A follower of a broker's neighbour is no neighbour of its own leader's: 2r - 1 in a ring.
  return std::min(brokers, std::max<std::size_t>(2 * replication - 1, 3));
}

}  // namespace seatrial::simulate
