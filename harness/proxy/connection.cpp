// Implements proxy/connection.hpp.
#include "proxy/connection.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "kafka/wire/bytes.hpp"
#include "proxy/answers.hpp"

namespace seatrial::proxy {
namespace {

using Effect = NetworkRule::Effect;

constexpr int reads_at_once = 16;                    // then others have their turn
constexpr std::size_t most_late = 64ULL << 20;       // bytes under way in a delay, each way
constexpr std::size_t most_gathered = 128ULL << 20;  // of a frame that is kept whole
constexpr std::size_t size_field = 4;

void append(Bytes& to, BytesView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

std::size_t readable_bytes(int fd) {
  int count = 0;
  return ioctl(fd, FIONREAD, &count) == 0 && count > 0 ? static_cast<std::size_t>(count) : 0;
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Connection::Connection(Dialled dialled, Socket client, Engine& engine, ListenerCounters& counters)
    : dialled_(std::move(dialled)),
      engine_(engine),
      counters_(counters),
      client_(std::move(client)),
      opened_(engine.at) {
  requests_.from = responses_.to = &client_;
  requests_.to = responses_.from = &node_;
  requests_.requests = true;
  requests_.blind = responses_.blind = !dialled_.framed;
  identified_ = dialled_.ends.listener == Listener::client || !dialled_.framed;
  counters_.connected();
  engine_.watch(client_.fd(), dialled_.id);
}

Connection::~Connection() { engine_.own_ports.close(node_, false); }

void Connection::reset() {
  over_ = true;
  client_.abort();
  engine_.own_ports.close(node_, true);
}

// Once for the earliest of what is waited for; when that is due, the rest is asked for again.
void Connection::wake_at(Instant when) {
  if (wakes_ > engine_.at && wakes_ <= when) return;
  wakes_ = when;
  engine_.wake(dialled_.id, when);
}

void Connection::act_on(ActiveRule& rule) {
  if (acted_.insert(rule.id).second) ++rule.connections;
}

void Connection::apply(const std::shared_ptr<const Rules>& rules) {
  const auto was_half_open = half_open_ != nullptr ? half_open_->id : 0;
  half_open_ = nullptr;
  by_topic_ = false;
  rules_ = rules;
  for (Stream* stream : {&requests_, &responses_}) {
    stream->stall = stream->delay = stream->limit = stream->discard = nullptr;
    stream->frames.clear();
  }
  for (const auto& rule : *rules) {
    if (rule->id == was_half_open) half_open_ = rule.get();
    const Reach reached = reach(rule->rule, dialled_.ends, engine_.roles);
    if (reached.requests) sort_in(rule, requests_);
    if (reached.responses) sort_in(rule, responses_);
    if (over_) return;
  }
  if (kept_ && std::ranges::find(requests_.frames, kept_->rule) == requests_.frames.end())
    kept_->until = engine_.at;
  const bool bytes_lack = spoilt_ && requests_.discard == nullptr && responses_.discard == nullptr;
  if (bytes_lack || (was_half_open != 0 && half_open_ == nullptr)) reset();
}

void Connection::sort_in(const std::shared_ptr<ActiveRule>& rule, Stream& stream) {
  switch (rule->rule.effect) {
    case Effect::stall: stream.stall = rule.get(); break;
    case Effect::delay: stream.delay = rule.get(); break;
    case Effect::limit: stream.limit = rule.get(); break;
    case Effect::discard: stream.discard = rule.get(); break;
    case Effect::reset:
      act_on(*rule);
      reset();
      break;
    case Effect::half_open:
      if (opened_ < rule->added && half_open_ == nullptr) let_half_open(*rule);
      break;
    case Effect::drop:
    case Effect::hold:
    case Effect::duplicate:
    case Effect::answer:
    case Effect::reorder:
      by_topic_ = by_topic_ || rule->by_topic();
      stream.frames.push_back(rule);
      break;
  }
}

// The node's end is gone at once, as when its machine is.
void Connection::let_half_open(ActiveRule& rule) {
  act_on(rule);
  half_open_ = &rule;
  engine_.own_ports.close(node_, true);
}

void Connection::connect_to_node() {
  if (node_ || !identified_ || requests_.stall != nullptr || half_open_ != nullptr) return;
  node_ = engine_.own_ports.connect(dialled_.target);
  if (!node_) return reset();
  engine_.watch(node_.fd(), dialled_.id);
}

Connection::Progress Connection::pump() {
  if (over_) return Progress::over;
  if (half_open_ != nullptr) {
    drain_half_open();
    return over_ ? Progress::over : Progress::waits;
  }
  connect_to_node();
  bool more = false;
  for (Stream* stream : {&requests_, &responses_}) {
    if (!over_) more = move(*stream) == Progress::more || more;
  }
  if (requests_.closed && responses_.closed) over_ = true;
  if (over_) return Progress::over;
  // Who has just said which node it is can be connected now.
  return more || (identified_ && !node_ && requests_.stall == nullptr) ? Progress::more
                                                                       : Progress::waits;
}

// What the peer still sends goes nowhere.
void Connection::drain_half_open() {
  ssize_t got = 0;
  while ((got = recv(client_.fd(), engine_.scratch.data(), engine_.scratch.size(), 0)) > 0) {
    half_open_->bytes += static_cast<std::uint64_t>(got);
  }
  if (got == 0 || !would_block()) reset();
}

Connection::Progress Connection::move(Stream& stream) {
  if (!*stream.from) return Progress::waits;
  const bool overdue = stream.requests && kept_ && engine_.at >= kept_->until;
  if (overdue && stream.left == 0) release_kept(false);
  if (over_) return Progress::over;
  for (int i = 0; i < reads_at_once; ++i) {
    if (blocked(stream)) return Progress::waits;
    if (!stream.unread.empty()) {
      const Bytes bytes = std::exchange(stream.unread, {});
      walk(stream, bytes);
    } else if (stream.ended) {
      end(stream);
      return Progress::waits;
    } else if (const auto progress = read(stream); progress != Progress::more) {
      return progress;
    }
    if (over_) return Progress::over;
  }
  return Progress::more;
}

// Whether nothing can be read now; something will tell when it can.
bool Connection::blocked(Stream& stream) {
  if (stream.stall != nullptr) {
    const std::size_t waiting = readable_bytes(stream.from->fd());
    if (waiting > stream.waiting) stream.stall->bytes += waiting - stream.waiting;
    if (waiting > 0 || !node_) act_on(*stream.stall);
    stream.waiting = waiting;
    return true;
  }
  stream.waiting = 0;
  release_late(stream);
  if (!flush(stream)) return true;
  if (engine_.at < stream.held_until) {
    wake_at(stream.held_until);
    return true;
  }
  if (!stream.late.empty()) {
    wake_at(stream.late.front().due);
    if (stream.late_bytes >= most_late || stream.ended) return true;
  }
  return false;
}

Connection::Progress Connection::read(Stream& stream) {
  std::size_t most = engine_.scratch.size();
  Bucket* bucket = nullptr;
  if (stream.limit != nullptr) {
    // A stream of requests runs into the node that was dialled, and out of the one that dialled.
    const bool in = stream.requests == (stream.limit->rule.node == dialled_.ends.node);
    bucket = in ? &stream.limit->in : &stream.limit->out;
    const auto grant = bucket->grant(engine_.at);
    if (grant.bytes == 0) {
      wake_at(grant.next);
      return Progress::waits;
    }
    most = std::min(most, grant.bytes);
  }
  const ssize_t got = recv(stream.from->fd(), engine_.scratch.data(), most, 0);
  if (got < 0) {
    if (would_block()) return Progress::waits;
    reset();
    return Progress::over;
  }
  const auto bytes = engine_.scratch.first(static_cast<std::size_t>(got));
  if (bucket != nullptr && got > 0) {
    bucket->take(bytes.size());
    act_on(*stream.limit);
    stream.limit->bytes += bytes.size();
  }
  if (stream.discard != nullptr) {
    act_on(*stream.discard);
    stream.discard->bytes += bytes.size();
    spoilt_ = true;
    return got == 0 ? Progress::waits : Progress::more;
  }
  if (got == 0) {
    stream.ended = true;
    if (stream.requests && kept_ && stream.left == 0) release_kept(false);
    emit(stream, std::exchange(stream.head, {}));
  } else {
    walk(stream, bytes);
  }
  return Progress::more;
}

// The sender has no more, and the receiver has it all.
void Connection::end(Stream& stream) {
  if (stream.closed) return;
  stream.closed = true;
  if (*stream.to) shutdown(stream.to->fd(), SHUT_WR);
  else over_ = true;  // it never said who it was
}

void Connection::release_late(Stream& stream) {
  while (!stream.late.empty() && stream.late.front().due <= engine_.at) {
    Late& first = stream.late.front();
    stream.late_bytes -= first.bytes.size();
    if (stream.out.empty()) stream.out = std::move(first.bytes);
    else append(stream.out, first.bytes);
    stream.late.pop_front();
  }
}

// Whether the receiver has taken all that was passed.
bool Connection::flush(Stream& stream) {
  while (stream.taken < stream.out.size()) {
    if (!*stream.to) return false;
    const ssize_t sent = send(stream.to->fd(), stream.out.data() + stream.taken,
                              stream.out.size() - stream.taken, MSG_NOSIGNAL);
    if (sent < 0) {
      if (!would_block() && errno != ENOTCONN) reset();
      return false;
    }
    stream.taken += static_cast<std::size_t>(sent);
  }
  stream.out.clear();
  stream.taken = 0;
  if (stream.out.capacity() > 2 * engine_.scratch.size()) stream.out.shrink_to_fit();
  return true;
}

void Connection::emit(Stream& stream, BytesView bytes, bool more) {
  if (bytes.empty() || over_) return;
  if (stream.requests) counters_.passed_in(bytes.size());
  else counters_.passed_out(bytes.size());
  if (stream.delay != nullptr || !stream.late.empty()) {
    Instant due = engine_.at;
    if (stream.delay != nullptr) {
      due += stream.delay->draw_delay();
      act_on(*stream.delay);
      stream.delay->bytes += bytes.size();
    }
    if (!stream.late.empty()) due = std::max(due, stream.late.back().due);
    stream.late.push_back({due, Bytes(bytes.begin(), bytes.end())});
    stream.late_bytes += bytes.size();
    wake_at(stream.late.front().due);
    return;
  }
  std::size_t sent = 0;
  if (stream.out.empty() && *stream.to && stream.stall == nullptr) {
    const ssize_t took =
        send(stream.to->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | (more ? MSG_MORE : 0));
    if (took < 0 && !would_block() && errno != ENOTCONN) return reset();
    sent = took > 0 ? static_cast<std::size_t>(took) : 0;
  }
  append(stream.out, bytes.subspan(sent));
}

// Passes on in one piece what lies between frames that a rule is about.
void Connection::walk(Stream& stream, BytesView bytes) {
  Chunk chunk{.bytes = bytes};
  while (chunk.at < bytes.size() && !over_) {
    if (stream.blind) {
      chunk.at = bytes.size();
    } else if (stream.left > 0) {
      take_body(stream, chunk);
    } else {
      begin_frame(stream, chunk);
    }
  }
  pass(stream, chunk);
}

void Connection::pass(Stream& stream, Chunk& chunk) {
  emit(stream, chunk.bytes.subspan(chunk.passed, chunk.at - chunk.passed));
  chunk.passed = chunk.at;
}

void Connection::take_body(Stream& stream, Chunk& chunk) {
  const auto rest = chunk.bytes.subspan(chunk.at);
  const auto body =
      rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(stream.left, rest.size())));
  const bool passes = stream.fate == Fate::pass;
  if (!passes) pass(stream, chunk);
  if (stream.fate == Fate::gather) append(stream.head, body);
  chunk.at += body.size();
  if (!passes) chunk.passed = chunk.at;
  stream.left -= body.size();
  if (stream.left == 0) finish_frame(stream, chunk);
}

// Of a frame that begins here, or began in what was read before.
void Connection::begin_frame(Stream& stream, Chunk& chunk) {
  const auto rest = chunk.bytes.subspan(chunk.at);
  const bool anew = stream.head.empty();
  if (!anew) complete_head(stream, chunk);
  const BytesView first = anew ? rest : BytesView(stream.head);
  std::uint64_t size = 0;
  Fate fate = Fate::pass;
  const Parsed parsed = decide(stream, first, fate, size);
  if (over_) return;
  if (parsed == Parsed::too_short && anew) {
    pass(stream, chunk);
    append(stream.head, rest);
    chunk.at = chunk.passed = chunk.bytes.size();
  }
  if (parsed == Parsed::not_kafka) {
    const Bytes head = std::exchange(stream.head, {});
    give_up_framing();
    emit(stream, head);
  }
  if (parsed != Parsed::whole) return;
  stream.fate = fate;
  stream.left = size - stream.head.size();
  if (fate == Fate::hold) return hold(stream, chunk);
  if (fate == Fate::pass) {
    const bool body_is_there = stream.left > 0 && chunk.at < chunk.bytes.size();
    emit(stream, std::exchange(stream.head, {}), body_is_there);
  }
  if (fate == Fate::drop) stream.head.clear();
  if (stream.left == 0) finish_frame(stream, chunk);
}

// Never with bytes of the next frame.
void Connection::complete_head(Stream& stream, Chunk& chunk) {
  const auto take = [&](std::size_t wanted) {
    const auto rest = chunk.bytes.subspan(chunk.at);
    const auto some = rest.first(std::min(rest.size(), wanted - stream.head.size()));
    append(stream.head, some);
    chunk.at = chunk.passed = chunk.at + some.size();
  };
  if (stream.head.size() < size_field) take(size_field);
  if (stream.head.size() < size_field) return;
  const auto size = kafka::wire::load_big_endian<std::int32_t>(stream.head.data());
  if (size > 0) take(std::max(stream.head.size(), static_cast<std::size_t>(size) + size_field));
}

Parsed Connection::decide(Stream& stream, BytesView first, Fate& fate, std::uint64_t& size) {
  Parsed parsed{};
  if (stream.requests) {
    RequestHeader header;
    parsed = parse_request(first, header);
    size = static_cast<std::uint64_t>(header.size) + size_field;
    if (parsed != Parsed::whole) return parsed;
    if (looks_into(header, size) && first.size() < size) return Parsed::too_short;
    fate = decide_request(header, first.first(std::min<std::size_t>(first.size(), size)), size);
  } else {
    ResponseHeader header;
    parsed = parse_response(first, header);
    size = static_cast<std::uint64_t>(header.size) + size_field;
    if (parsed == Parsed::whole) fate = decide_response(header, size);
  }
  return parsed;
}

// Whether a request is needed whole to be decided on. Sessions are followed from their start, since
// a rule may come later.
bool Connection::looks_into(const RequestHeader& header, std::uint64_t size) const {
  if (size > most_gathered) return false;
  const bool session = header.api == api::fetch && header.version >= FetchSession::first_version;
  return session || (by_topic_ && names_partitions(header.api));
}

const Partitions* Connection::look_into(const RequestHeader& header, BytesView frame) {
  const bool session = header.api == api::fetch && header.version >= FetchSession::first_version;
  looked_ = asked_partitions(header, frame);
  if (!looked_ && session) session_.lose();
  if (!looked_) return nullptr;
  return session ? session_.after(std::move(*looked_)) : &looked_->all;
}

Connection::Fate Connection::decide_request(const RequestHeader& header, BytesView frame,
                                            std::uint64_t size) {
  if (client_id_ != header.client) client_id_ = header.client;
  if (!identified_) identify();
  const bool whole = looks_into(header, size) && frame.size() == size;
  const Question question{.api = header.api,
                          .partitions = whole ? look_into(header, frame) : nullptr};
  const bool resumed = std::exchange(requests_.hold_is_over, false);
  const auto rule = resumed ? nullptr : frame_rule(requests_, question);
  const auto effect = rule ? std::optional(rule->rule.effect) : std::nullopt;
  if (rule && effect != Effect::reorder) count(*rule, size);
  if (effect == Effect::hold) return hold_for(requests_, *rule);
  counters_.request(header.api, size);
  if (effect == Effect::drop) return Fate::drop;
  note_about(question);
  overtakes_ = kept_ && (!rule || effect == Effect::duplicate) &&
               kept_->rule->concerns(header.api, client_id_, kept_->rule->fit(question.partitions));
  if (rule && size <= most_gathered) {
    requests_.gathers = rule;
    return Fate::gather;
  }
  // What follows is bytes of the mechanism, of which only the length is known.
  if (header.api == api::sasl_handshake && header.version == 0) give_up_framing();
  else if (header.answered) pipeline_.push(in_flight(header));
  return Fate::pass;
}

Connection::Fate Connection::decide_response(const ResponseHeader& header, std::uint64_t size) {
  if (std::exchange(responses_.hold_is_over, false)) return Fate::pass;
  const auto asked = pipeline_.answered(header.correlation);
  if (!asked) {
    counters_.unmatched();
    return Fate::pass;
  }
  counters_.response(asked->api, size);
  if (asked->swallowed) return Fate::drop;
  if (asked->early) {
    early_turn_ = asked->turn;
    return Fate::gather;
  }
  const auto rule = frame_rule(responses_, {.api = asked->api, .asked = &*asked});
  if (!rule) return Fate::pass;
  count(*rule, size);
  if (rule->rule.effect == Effect::hold) return hold_for(responses_, *rule);
  return rule->rule.effect == Effect::drop ? Fate::drop : Fate::pass;
}

// Which rules on its response the request is about, as far as partitions go.
void Connection::note_about(const Question& request) {
  about_.clear();
  for (const auto& rule : responses_.frames) {
    if (!rule->by_topic()) continue;
    const Fit fits = rule->fit(request.partitions);
    if (fits == Fit::yes) about_.push_back(rule->id);
    if (fits == Fit::unknown && rule->concerns(request.api, client_id_, Fit::yes)) ++rule->unread;
  }
}

// The first rule that is about it. While one request is kept back, no other is.
std::shared_ptr<ActiveRule> Connection::frame_rule(const Stream& stream, const Question& question) {
  for (const auto& rule : stream.frames) {
    if (kept_ && rule->rule.effect == Effect::reorder) continue;
    Fit fits = Fit::yes;
    if (rule->by_topic() && question.asked != nullptr) {
      const auto& about = question.asked->about;
      fits = std::ranges::find(about, rule->id) == about.end() ? Fit::no : Fit::yes;
    } else if (rule->by_topic()) {
      fits = rule->fit(question.partitions);
    }
    if (rule->picks(question.api, client_id_, fits)) return rule;
  }
  return nullptr;
}

void Connection::count(ActiveRule& rule, std::uint64_t size) {
  act_on(rule);
  ++rule.requests;
  rule.bytes += size;
}

Connection::Fate Connection::hold_for(Stream& stream, ActiveRule& rule) {
  stream.held_until = engine_.at + rule.draw_delay();
  stream.hold_is_over = true;
  wake_at(stream.held_until);
  return Fate::hold;
}

// With all that was read behind it: a connection's frames keep their order.
void Connection::hold(Stream& stream, Chunk& chunk) {
  pass(stream, chunk);
  stream.unread = std::exchange(stream.head, {});
  append(stream.unread, chunk.bytes.subspan(chunk.at));
  stream.left = 0;
  stream.fate = Fate::pass;
  chunk.at = chunk.passed = chunk.bytes.size();
}

void Connection::finish_frame(Stream& stream, Chunk& chunk) {
  if (std::exchange(stream.fate, Fate::pass) == Fate::gather) {
    Bytes frame = std::exchange(stream.head, {});
    if (stream.requests) act_on_gathered(std::move(frame), std::exchange(stream.gathers, nullptr));
    else pipeline_.answer_early(early_turn_, std::move(frame));
  }
  if (stream.requests && overtakes_) {
    pass(stream, chunk);
    release_kept(true);
  }
  if (stream.blind_next) stream.blind = true;
  if (!stream.requests && pipeline_.own_answer_is_next()) {
    pass(stream, chunk);
    send_own_answers();
  }
}

void Connection::act_on_gathered(Bytes frame, const std::shared_ptr<ActiveRule>& rule) {
  RequestHeader header;
  if (parse_request(frame, header) != Parsed::whole) return;
  if (rule->rule.effect == Effect::reorder) return keep_back(header, std::move(frame), rule);
  const bool twice = rule->rule.effect == Effect::duplicate;
  auto answer = twice ? std::nullopt : error_answer(frame, rule->rule.error);
  if (answer) {
    auto answered = in_flight(header);
    answered.answer = std::move(*answer);
    if (header.answered) pipeline_.push(std::move(answered));
    return send_own_answers();
  }
  for (int copy = 0; copy < (twice ? 2 : 1); ++copy) {
    auto asked = in_flight(header);
    asked.swallowed = copy == 1;
    if (header.answered) pipeline_.push(std::move(asked));
    emit(requests_, frame);
  }
}

InFlight Connection::in_flight(const RequestHeader& header) const {
  return {.api = header.api, .correlation = header.correlation, .about = about_};
}

void Connection::keep_back(const RequestHeader& header, Bytes frame,
                           const std::shared_ptr<ActiveRule>& rule) {
  if (header.answered) pipeline_.keep_place(in_flight(header));
  kept_ = {.frame = std::move(frame),
           .answered = header.answered,
           .rule = rule,
           .until = engine_.at + rule->rule.by};
  wake_at(kept_->until);
}

// Between two requests.
void Connection::release_kept(bool overtaken) {
  overtakes_ = false;
  const auto kept = std::move(*std::exchange(kept_, std::nullopt));
  if (overtaken) count(*kept.rule, kept.frame.size());
  if (kept.answered) pipeline_.take_place();
  emit(requests_, kept.frame);
}

// Between two of the broker's responses.
void Connection::send_own_answers() {
  if (responses_.left > 0 || !responses_.head.empty() || !responses_.unread.empty()) return;
  while (auto answer = pipeline_.own_answer()) emit(responses_, *answer);
}

void Connection::identify() {
  identified_ = true;
  if (const auto node = node_of_client(client_id_)) dialled_.ends.peer = NodeId(*node);
  if (rules_) apply(rules_);
}

// From the next frame on; what was asked before is still answered in frames, but nobody looks.
void Connection::give_up_framing() {
  if (kept_) release_kept(false);
  for (Stream* stream : {&requests_, &responses_}) {
    stream->blind_next = true;
    if (stream->left == 0 && stream->head.empty()) stream->blind = true;
  }
  pipeline_.clear();
}

}  // namespace seatrial::proxy
