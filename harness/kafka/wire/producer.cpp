// One round of work() after the other: what is late is given up, what waits is sent, then one poll
// over all sockets, then what arrived is taken.
#include "kafka/wire/producer.hpp"

#include <cerrno>
#include <ctime>
#include <utility>

#include "core/check.hpp"
#include "core/time.hpp"
#include "kafka/addresses.hpp"
#include "kafka/wire/bytes.hpp"

namespace seatrial::kafka::wire {
namespace {

constexpr std::int64_t backoff_ns = 100'000'000;    // before anything is tried again
constexpr std::int64_t connect_ns = 3'000'000'000;  // and until the broker has greeted
constexpr std::int64_t reported_ns = 1'000'000'000;  // to answer about the cluster
// An answer that takes longer: perhaps the leader hangs, and there is a new one.
constexpr std::int64_t overdue_ns = 1'000'000'000;

enum ErrorCode : std::int16_t {
  unknown_topic_or_partition = 3,
  leader_not_available = 5,
  not_leader_or_follower = 6,
  request_timed_out = 7,
  network_exception = 13,
  not_enough_replicas = 19,
  not_enough_replicas_after_append = 20,
  out_of_order_sequence_number = 45,
  duplicate_sequence_number = 46,
  kafka_storage_error = 56,
};

// The partition is led by another broker, or will be.
bool leader_moved(std::int16_t error) {
  return error == unknown_topic_or_partition || error == leader_not_available ||
         error == not_leader_or_follower || error == kafka_storage_error;
}

bool passes(std::int16_t error) {
  return leader_moved(error) || error == request_timed_out || error == network_exception ||
         error == not_enough_replicas || error == not_enough_replicas_after_append;
}

std::int64_t clock_ns() { return to_ns(now()); }

}  // namespace

struct Producer::Broker {
  std::string address;
  Channel channel;
  std::int16_t version = 0;   // of Produce
  int leads = 0;              // partitions
  std::int64_t until_ns = 0;  // to connect
  std::int64_t again_ns = 0;  // not before
  std::int32_t correlation = 0;
  std::deque<ProduceBatch*> writing;  // of the first, part may have left
  std::deque<ProduceBatch*> waiting;  // for their answers
};

Producer::Producer(ProducerTerms terms)
    : terms_(std::move(terms)),
      head_(encode_produce_head(terms_.produce, terms_.topic)),
      parts_(static_cast<std::size_t>(terms_.partitions)),
      addresses_(addresses_in(terms_.bootstrap)) {
  check(!addresses_.empty(), "a producer is given an address to begin with");
}

Producer::~Producer() = default;

bool Producer::connected() const {
  return std::ranges::all_of(parts_, [&](const Part& part) {
    return part.leader != nullptr && part.leader->channel.is_open() &&
           (!terms_.idempotent || part.producer.id >= 0);
  });
}

bool Producer::has_room(const Broker& broker) const {
  return broker.writing.size() + broker.waiting.size() <
         static_cast<std::size_t>(terms_.max_in_flight);
}

bool Producer::takes(std::int32_t partition, std::int64_t now_ns) const {
  const Part& part = parts_[static_cast<std::size_t>(partition)];
  if (part.leader == nullptr || !part.leader->channel.is_open() || !has_room(*part.leader)) {
    return false;
  }
  if (terms_.idempotent && part.producer.id < 0) return false;
  // Behind what has to be sent again, and behind what another broker still has, order is kept.
  const bool all_there = static_cast<std::size_t>(part.at_broker) == part.line.size();
  return all_there && (part.at_broker == 0 || part.at == part.leader) && now_ns >= part.again_ns;
}

void Producer::submit(ProduceBatch& batch, std::int64_t now_ns) {
  Part& part = part_of(batch);
  batch.written = 0;
  batch.at_broker = batch.ambiguous = false;
  batch.seal.producer = part.producer;
  batch.seal.base_sequence = -1;
  if (terms_.idempotent) {
    batch.seal.base_sequence = part.sequence;
    constexpr std::uint32_t wraps = 0x7fffffff;
    part.sequence = static_cast<std::int32_t>((static_cast<std::uint32_t>(part.sequence) +
                                               static_cast<std::uint32_t>(batch.seal.records)) &
                                              wraps);
  }
  seal_batch(std::span(batch.bytes).first(batch.used).subspan(head_.size()), batch.seal);
  part.line.push_back(&batch);
  ++open_batches_;
  put_in_flight(part, batch);
  write(*part.leader, now_ns);
}

void Producer::put_in_flight(Part& part, ProduceBatch& batch) {
  Broker& broker = *part.leader;
  batch.written = 0;
  batch.at_broker = true;
  batch.correlation = ++broker.correlation;
  set_produce_call(
      std::span(batch.bytes).first(batch.used), head_.size(),
      {.version = broker.version, .correlation = batch.correlation, .partition = batch.partition});
  ++part.at_broker;
  part.at = &broker;
  broker.writing.push_back(&batch);
}

void Producer::work(std::int64_t until_ns) {
  const std::int64_t now_ns = clock_ns();
  expire(now_ns);
  ask(now_ns);
  connect_brokers(now_ns);
  send_again(now_ns);
  for (auto& [id, broker] : brokers_) {
    if (broker->channel.is_open()) write(*broker, now_ns);
  }
  wait(ended_.empty() ? std::min(until_ns, next_deadline(now_ns)) : 0);
}

void Producer::connect_brokers(std::int64_t now_ns) {
  for (auto& [id, broker] : brokers_) {
    Channel& channel = broker->channel;
    if (channel.is_closed() && broker->leads > 0 && now_ns >= broker->again_ns) {
      channel.open(broker->address, terms_.security);
      broker->until_ns = now_ns + connect_ns;
      if (channel.is_closed()) lost(*broker, error_transport, now_ns);
    } else if (!channel.is_closed() && !channel.is_open() && now_ns >= broker->until_ns) {
      channel.close("no connection in time");
      lost(*broker, error_transport, now_ns);
    } else if (!broker->waiting.empty() &&
               now_ns >= broker->waiting.front()->sent_ns + terms_.answer_ns) {
      channel.close("no answer in time");
      lost(*broker, error_timed_out, now_ns);
    }
  }
}

void Producer::expire(std::int64_t now_ns) {
  for (Part& part : parts_) {
    while (expire_first(part, now_ns)) {
    }
  }
}

bool Producer::expire_first(Part& part, std::int64_t now_ns) {
  if (part.line.empty() || now_ns < part.line.front()->expires_ns) return false;
  ProduceBatch& batch = *part.line.front();
  // It cannot be taken back from a connection otherwise; and a broker that let it expire hangs.
  if (batch.at_broker) {
    part.at->channel.close("no answer before the messages expired");
    lost(*part.at, error_expired, now_ns);
  }
  if (!part.line.empty() && part.line.front() == &batch) {
    end(batch, {.error = error_expired, .at_ns = now_ns});
  }
  return true;
}

// All that waits goes in sequence, and not before everything sent earlier has come back.
void Producer::send_again(std::int64_t now_ns) {
  for (Part& part : parts_) {
    if (part.line.empty() || part.at_broker > 0 || now_ns < part.again_ns) continue;
    if (part.leader == nullptr || !part.leader->channel.is_open()) continue;
    for (ProduceBatch* batch : part.line) {
      if (!has_room(*part.leader)) break;
      put_in_flight(part, *batch);
    }
  }
}

void Producer::write(Broker& broker, std::int64_t now_ns) {
  while (!broker.writing.empty()) {
    ProduceBatch& batch = *broker.writing.front();
    batch.written +=
        broker.channel.write(BytesView(batch.bytes).first(batch.used).subspan(batch.written));
    if (batch.written < batch.used) {
      if (broker.channel.is_closed()) lost(broker, error_transport, now_ns);
      return;
    }
    batch.sent_ns = now_ns;
    broker.writing.pop_front();
    if (terms_.produce.acks != 0) {
      broker.waiting.push_back(&batch);
    } else {
      batch.at_broker = false;
      --part_of(batch).at_broker;
      end(batch, {.at_ns = now_ns});
    }
  }
}

void Producer::wait(std::int64_t until_ns) {
  polled_.clear();
  polled_brokers_.clear();
  for (auto& [id, broker] : brokers_) {
    if (broker->channel.is_closed()) continue;
    polled_.push_back(
        {broker->channel.descriptor(), broker->channel.events(!broker->writing.empty()), 0});
    polled_brokers_.push_back(broker.get());
  }
  if (!control_.is_closed()) polled_.push_back({control_.descriptor(), control_.events(false), 0});
  const std::int64_t left_ns = std::max<std::int64_t>(0, until_ns - clock_ns());
  const timespec left{left_ns / 1'000'000'000, left_ns % 1'000'000'000};
  if (ppoll(polled_.data(), polled_.size(), &left, nullptr) <= 0) return;
  const std::int64_t now_ns = clock_ns();
  for (std::size_t i = 0; i < polled_brokers_.size(); ++i) {
    if (polled_[i].revents != 0) heard(*polled_brokers_[i], polled_[i].revents, now_ns);
  }
  if (polled_.size() > polled_brokers_.size() && polled_.back().revents != 0) listen(now_ns);
}

void Producer::heard(Broker& broker, short events, std::int64_t now_ns) {
  Channel& channel = broker.channel;
  if (!channel.is_closed() && !channel.is_open()) {
    channel.advance();
    if (channel.is_open()) {
      const auto version = common_version(channel.versions(), Api::produce,
                                          {terms_.least_version, produce_versions.most});
      if (version) broker.version = *version;
      else channel.close("speaks no version of Produce that a wire lane needs");
    }
    if (channel.is_closed()) lost(broker, error_transport, now_ns);
    return;
  }
  if ((events & POLLOUT) != 0 && channel.is_open()) write(broker, now_ns);
  if ((events & ~POLLOUT) != 0 && channel.is_open()) read(broker, now_ns);
}

void Producer::read(Broker& broker, std::int64_t now_ns) {
  BytesView frame;
  while (broker.channel.read(frame)) {
    if (take_answer(broker, frame, now_ns)) continue;
    broker.channel.close("its answer to Produce makes no sense");
    break;
  }
  if (broker.channel.is_closed()) lost(broker, error_transport, now_ns);
}

bool Producer::take_answer(Broker& broker, BytesView frame, std::int64_t now_ns) {
  if (broker.waiting.empty()) return false;
  ProduceBatch& batch = *broker.waiting.front();
  const auto body = answer_body(frame, {.api = Api::produce, .correlation = batch.correlation});
  if (!body) return false;
  const auto answer = decode_produce(broker.version, *body, terms_.topic, batch.partition);
  if (!answer) return false;
  broker.waiting.pop_front();
  batch.at_broker = false;
  --part_of(batch).at_broker;
  answered(batch, *answer, now_ns);
  return true;
}

void Producer::answered(ProduceBatch& batch, const ProduceAnswer& answer, std::int64_t now_ns) {
  Part& part = part_of(batch);
  const std::int16_t error = answer.error;
  if (leader_moved(error)) {
    part.leader = nullptr;
    part.again_ns = now_ns + backoff_ns;
    ask_soon(now_ns);
  }
  if (error == 0) return end(batch, {.offset = answer.offset, .at_ns = now_ns, .answered = true});
  if (terms_.idempotent) {
    if (error == duplicate_sequence_number) {  // it was appended, longer ago than brokers remember
      return end(batch, {.at_ns = now_ns, .answered = true});
    }
    // Out of order is what those behind one that is sent again are told.
    const bool behind = error == out_of_order_sequence_number && part.line.front() != &batch;
    if (passes(error) || behind) {
      if (error != not_enough_replicas && !behind) batch.ambiguous = true;
      part.again_ns = now_ns + backoff_ns;
      return;
    }
  }
  end(batch, {.error = error, .at_ns = now_ns, .answered = true});
}

// The connection is gone, and the answers of what had left whole with it.
void Producer::lost(Broker& broker, int error, std::int64_t now_ns) {
  if (!broker.channel.trouble().empty()) trouble_ = broker.channel.trouble();
  broker.again_ns = now_ns + backoff_ns;
  ask_soon(now_ns);
  const auto left = std::exchange(broker.waiting, {});
  const auto held_back = std::exchange(broker.writing, {});
  for (ProduceBatch* batch : held_back) {
    batch->at_broker = false;
    --part_of(*batch).at_broker;
  }
  for (ProduceBatch* batch : left) {
    batch->at_broker = false;
    batch->ambiguous = true;
    --part_of(*batch).at_broker;
    if (!terms_.idempotent) end(*batch, {.error = error, .at_ns = now_ns});
  }
}

void Producer::end(ProduceBatch& batch, Ended how) {
  Part& part = part_of(batch);
  part.line.erase(std::ranges::find(part.line, &batch));
  --open_batches_;
  how.batch = &batch;
  ended_.push_back(how);
  if (how.error == 0 || !terms_.idempotent || batch.seal.producer != part.producer) return;
  part.producer = {};
  part.sequence = 0;
  ask_soon(how.at_ns);
}

void Producer::abandon() {
  const std::int64_t now_ns = clock_ns();
  for (auto& [id, broker] : brokers_) {
    broker->channel.close({});
    lost(*broker, error_abandoned, now_ns);
  }
  control_.close({});
  asking_ = false;
  for (Part& part : parts_) {
    while (!part.line.empty()) {
      ProduceBatch& batch = *part.line.front();
      end(batch, {.error = batch.ambiguous ? error_abandoned : error_never_left, .at_ns = now_ns});
    }
  }
}

// --- What is asked about the cluster
// --------------------------------------------------------------

bool Producer::needs_id() const {
  return terms_.idempotent &&
         std::ranges::any_of(parts_, [](const Part& part) { return part.producer.id < 0; });
}

bool Producer::needs_metadata(std::int64_t now_ns) const {
  return std::ranges::any_of(parts_, [&](const Part& part) {
    if (part.leader == nullptr || !part.leader->channel.is_open()) return true;
    const auto& waiting = part.leader->waiting;
    return !waiting.empty() && now_ns >= waiting.front()->sent_ns + overdue_ns;
  });
}

void Producer::ask(std::int64_t now_ns) {
  const bool busy = asking_ || (!control_.is_closed() && !control_.is_open());
  if (busy) {
    if (control_.is_closed()) give_up_control(control_.trouble(), now_ns);
    else if (now_ns >= control_until_ns_) give_up_control("no answer in time", now_ns);
    return;
  }
  if (now_ns < ask_at_ns_) return;
  ask_at_ns_ = now_ns + backoff_ns;
  const bool metadata = needs_metadata(now_ns);
  if (!metadata && !needs_id()) return;
  control_until_ns_ = now_ns + reported_ns;
  if (control_.is_closed()) {
    if (terms_.security) control_until_ns_ = now_ns + connect_ns;
    control_.open(addresses_[next_address_++ % addresses_.size()], terms_.security);
    if (control_.is_closed()) trouble_ = control_.trouble();
    return;
  }
  const Api api = metadata ? Api::metadata : Api::init_producer_id;
  const auto version = common_version(control_.versions(), api,
                                      metadata ? metadata_versions : init_producer_id_versions);
  if (!version) return give_up_control("speaks no common version of what a wire lane asks", now_ns);
  asked_ = {.api = api, .version = *version, .correlation = ++correlation_};
  const Bytes request = frame(
      asked_, metadata ? encode_metadata(*version, {terms_.topic}) : encode_init_producer_id());
  asking_ = true;
  if (control_.write(request) != request.size()) give_up_control("takes no request", now_ns);
}

void Producer::give_up_control(const std::string& why, std::int64_t now_ns) {
  control_.close(why);
  if (!control_.trouble().empty()) trouble_ = control_.trouble();
  asking_ = false;
  ask_at_ns_ = now_ns + backoff_ns;
}

void Producer::listen(std::int64_t now_ns) {
  if (!control_.is_open()) {
    control_.advance();
    if (control_.is_closed()) return give_up_control({}, now_ns);
    if (control_.is_open()) ask_soon(now_ns);
    return;
  }
  BytesView answer;
  if (!control_.read(answer)) {
    if (control_.is_closed()) give_up_control({}, now_ns);
    return;
  }
  if (!asking_) return give_up_control("answers what was not asked", now_ns);
  const auto body = answer_body(answer, asked_);
  if (!body) return give_up_control(body.error().message, now_ns);
  asking_ = false;
  if (asked_.api == Api::metadata) {
    const auto metadata = decode_metadata(asked_.version, *body);
    if (!metadata) return give_up_control(metadata.error().message, now_ns);
    return learn(*metadata, now_ns);
  }
  const auto producer = decode_init_producer_id(*body);
  if (!producer) return give_up_control(producer.error().message, now_ns);
  for (Part& part : parts_) {
    if (part.producer.id < 0) part.producer = *producer;
  }
}

void Producer::learn(const Metadata& metadata, std::int64_t now_ns) {
  for (const BrokerMetadata& reported : metadata.brokers) {
    auto& broker = brokers_[reported.id];
    if (!broker) broker = std::make_unique<Broker>();
    const std::string address = reported.host + ":" + std::to_string(reported.port);
    if (broker->address == address) continue;
    if (!broker->address.empty()) {
      broker->channel.close("its address changed");
      lost(*broker, error_transport, now_ns);
    }
    broker->address = address;
    broker->again_ns = now_ns;
    if (std::ranges::find(addresses_, address) == addresses_.end()) addresses_.push_back(address);
  }
  for (const TopicMetadata& topic : metadata.topics) {
    if (topic.name != terms_.topic) continue;
    if (topic.error != 0) trouble_ = "topic " + topic.name + ": " + error_name(topic.error);
    for (const PartitionMetadata& reported : topic.partitions) learn_leader(reported, now_ns);
  }
  if (needs_id()) ask_soon(now_ns);
  for (auto& [id, broker] : brokers_) broker->leads = 0;
  for (const Part& part : parts_) {
    if (part.leader != nullptr) ++part.leader->leads;
  }
}

// A broker that was cut off may still tell of the time before: its epochs are older.
void Producer::learn_leader(const PartitionMetadata& reported, std::int64_t now_ns) {
  if (reported.partition < 0 || reported.partition >= terms_.partitions) return;
  Part& part = parts_[static_cast<std::size_t>(reported.partition)];
  if (reported.leader_epoch >= 0 && reported.leader_epoch < part.epoch) return;
  const auto broker = brokers_.find(reported.leader);
  part.leader = broker == brokers_.end() ? nullptr : broker->second.get();
  part.epoch = reported.leader_epoch;
  if (part.leader == nullptr)
    trouble_ = "partition " + std::to_string(reported.partition) + " has no leader";
  // The old leader does not answer any more, or would have said that it is none.
  if (part.leader == nullptr || part.at_broker == 0 || part.at == part.leader) return;
  const auto& waiting = part.at->waiting;
  if (waiting.empty() || now_ns < waiting.front()->sent_ns + overdue_ns) return;
  part.at->channel.close("no answer, and another broker leads its partitions");
  lost(*part.at, error_timed_out, now_ns);
}

// When work() has something to do that no socket tells of. What waits for nothing but a socket, or
// is late already, is not among it: or the loop would spin.
std::int64_t Producer::next_deadline(std::int64_t now_ns) const {
  std::int64_t at_ns = INT64_MAX;
  if (asking_ || (!control_.is_closed() && !control_.is_open())) {
    at_ns = control_until_ns_;
  } else if (needs_id() || needs_metadata(now_ns)) {
    at_ns = ask_at_ns_;
  }
  const auto consider = [&](std::int64_t then_ns) {
    if (then_ns > now_ns) at_ns = std::min(at_ns, then_ns);
  };
  for (const auto& [id, broker] : brokers_) {
    if (broker->channel.is_closed()) {
      if (broker->leads > 0) at_ns = std::min(at_ns, broker->again_ns);
    } else if (!broker->channel.is_open()) {
      at_ns = std::min(at_ns, broker->until_ns);
    } else if (!broker->waiting.empty()) {
      consider(broker->waiting.front()->sent_ns + overdue_ns);
      consider(broker->waiting.front()->sent_ns + terms_.answer_ns);
    }
  }
  for (const Part& part : parts_) {
    consider(part.again_ns);
    if (!part.line.empty()) consider(part.line.front()->expires_ns);
  }
  return at_ns;
}

}  // namespace seatrial::kafka::wire
