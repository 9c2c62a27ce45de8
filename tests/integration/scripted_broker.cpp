// The few requests, decoded and answered by hand.
#include "integration/scripted_broker.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/check.hpp"
#include "kafka/wire/bytes.hpp"

namespace seatrial::test {

using namespace kafka::wire;

ScriptedBroker::ScriptedBroker(std::int32_t id, int partitions, Script script)
    : ScriptedBroker(id, partitions, std::move(script), {}, {}) {}

ScriptedBroker::ScriptedBroker(std::int32_t id, int partitions, FetchScript script)
    : ScriptedBroker(id, partitions, {}, std::move(script), {}) {}

ScriptedBroker::ScriptedBroker(std::int32_t id, int partitions, AllBesides besides)
    : ScriptedBroker(id, partitions, {}, {}, std::move(besides)) {}

ScriptedBroker::ScriptedBroker(std::int32_t id, int partitions, Script script,
                               FetchScript fetch_script, AllBesides besides)
    : id_(id),
      partitions_(partitions),
      script_(std::move(script)),
      fetch_script_(std::move(fetch_script)),
      besides_(std::move(besides)),
      leader_(id) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  check(bind(listener_, reinterpret_cast<sockaddr*>(&at), size) == 0, "a port is free");
  check(listen(listener_, 16) == 0, "it can be listened on");
  getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
  port_ = leader_port_ = ntohs(at.sin_port);
  thread_ = std::thread([this] { serve(); });
}

ScriptedBroker::~ScriptedBroker() {
  ends_ = true;
  thread_.join();
  close(listener_);
}

void ScriptedBroker::lead_elsewhere(std::int32_t id, int port, std::int32_t epoch) {
  const std::lock_guard lock(mutex_);
  leader_ = id;
  leader_port_ = port;
  epoch_ = epoch;
}

std::vector<Produced> ScriptedBroker::produced() const {
  const std::lock_guard lock(mutex_);
  return produced_;
}

void ScriptedBroker::serve() {
  while (!ends_) {
    std::vector<pollfd> polled{{listener_, POLLIN, 0}};
    for (const auto& [socket, peer] : peers_) polled.push_back({socket, POLLIN, 0});
    if (poll(polled.data(), polled.size(), 10) < 0) continue;
    if (polled[0].revents != 0) {
      peers_[accept(listener_, nullptr, nullptr)].number = connected_++;
    }
    for (std::size_t i = 1; i < polled.size(); ++i) {
      Peer& peer = peers_[polled[i].fd];
      if (polled[i].revents != 0) take(polled[i].fd, peer);
      if (!peer.gone) work(polled[i].fd, peer);
    }
    std::erase_if(peers_, [](const auto& entry) {
      if (entry.second.gone) close(entry.first);
      return entry.second.gone;
    });
  }
  for (const auto& [socket, peer] : peers_) close(socket);
}

void ScriptedBroker::take(int socket, Peer& peer) {
  std::byte buffer[65536];
  const ssize_t got = recv(socket, buffer, sizeof buffer, 0);
  peer.gone = got <= 0;
  if (peer.gone) return;
  peer.in.insert(peer.in.end(), buffer, buffer + got);
}

// All requests that are there, up to one whose answer is held.
void ScriptedBroker::work(int socket, Peer& peer) {
  while (!peer.gone && now() >= peer.due) {
    if (!peer.late.empty()) send(socket, peer.late.data(), peer.late.size(), MSG_NOSIGNAL);
    peer.late.clear();
    if (peer.in.size() < 4) return;
    const auto size = static_cast<std::size_t>(load_big_endian<std::int32_t>(peer.in.data()));
    if (peer.in.size() < 4 + size) return;
    auto out = answer(BytesView(peer.in).subspan(4, size), peer);
    if (out) peer.late = std::move(*out);
    peer.in.erase(peer.in.begin(), peer.in.begin() + static_cast<std::ptrdiff_t>(4 + size));
  }
}

Bytes ScriptedBroker::api_versions() const {
  std::map<std::int16_t, VersionRange> all{{0, {3, 7}}, {1, {4, 10}}, {3, {0, 7}}, {22, {0, 1}}};
  for (const auto& [api, of] : besides_) {
    all[static_cast<std::int16_t>(api)] = {of.version, of.version};
  }
  Writer out;
  out.int16(0).int32(static_cast<std::int32_t>(all.size()));
  for (const auto& [api, range] : all) out.int16(api).int16(range.least).int16(range.most);
  return out.take();
}

std::optional<Bytes> ScriptedBroker::answer_besides(const Besides& of, BytesView request,
                                                    Peer& peer) {
  Cursor in(request);
  const auto api = static_cast<Api>(in.int16());
  in.int16();
  const std::int32_t correlation = in.int32();
  in.string();
  if (of.flexible) in.skip_tags();
  if (hangs_up_.exchange(false)) {
    peer.gone = true;
    return std::nullopt;
  }
  const auto body = of.answer(request.last(in.left()));
  if (!body) return std::nullopt;
  const bool tags = of.flexible && api != Api::api_versions;
  Writer out;
  out.int32(static_cast<std::int32_t>(body->size() + 4 + (tags ? 1 : 0))).int32(correlation);
  if (tags) out.no_tags();
  return out.append(*body).take();
}

std::optional<Bytes> ScriptedBroker::answer(BytesView request, Peer& peer) {
  Cursor in(request);
  const std::int16_t api = in.int16();
  const std::int16_t version = in.int16();
  const auto of = besides_.find(static_cast<Api>(api));
  if (of != besides_.end() && version == of->second.version) {
    return answer_besides(of->second, request, peer);
  }
  const std::int32_t correlation = in.int32();
  in.string();
  const BytesView rest = request.last(in.left());
  Bytes body;
  switch (static_cast<Api>(api)) {
    case Api::api_versions: body = api_versions(); break;
    case Api::metadata: body = metadata(); break;
    case Api::init_producer_id:
      body = Writer().int32(0).int16(0).int64(1000 + ids_given_++).int16(0).take();
      break;
    case Api::fetch: body = fetch(rest, peer); break;
    default: {
      auto reported = produce(rest, peer.gone);
      if (!reported) return std::nullopt;
      body = std::move(*reported);
    }
  }
  Writer out;
  out.int32(static_cast<std::int32_t>(body.size() + 4)).int32(correlation);
  return out.append(body).take();
}

Bytes ScriptedBroker::metadata() const {
  const std::lock_guard lock(mutex_);
  Writer out;
  out.int32(0).int32(leader_ == id_ ? 1 : 2);
  out.int32(id_).string("127.0.0.1").int32(port_).int16(-1);
  if (leader_ != id_) out.int32(leader_).string("127.0.0.1").int32(leader_port_).int16(-1);
  out.string("scripted").int32(id_);
  out.int32(1).int16(0).string("orders").int8(0).int32(partitions_);
  for (int p = 0; p < partitions_; ++p) {
    out.int16(0).int32(p).int32(leader_).int32(epoch_);
    out.int32(1).int32(leader_).int32(1).int32(leader_).int32(0);
  }
  return out.take();
}

// Version 10 of both.
Bytes ScriptedBroker::fetch(BytesView body, Peer& peer) {
  Cursor in(body);
  in.skip(4 + 4 + 4 + 4 + 1 + 4 + 4 + 4);  // up to the number of topics, which is one
  const std::string topic = in.string();
  in.int32();  // one partition
  Fetched request{.connection = peer.number, .partition = in.int32()};
  request.leader_epoch = in.int32();
  request.offset = in.int64();
  check(in.ok(), "a request to fetch is whole");
  const FetchReply reply = fetch_script_(request);
  peer.gone = reply.disconnect;
  peer.due = now() + reply.after;
  Writer out;
  out.int32(0).int16(0).int32(0).int32(1).string(topic).int32(1).int32(request.partition);
  out.int16(reply.error).int64(reply.log_end).int64(reply.log_end).int64(0).int32(0);
  return out.int32(static_cast<std::int32_t>(reply.records.size())).append(reply.records).take();
}

std::optional<Bytes> ScriptedBroker::produce(BytesView body, bool& disconnect) {
  Cursor in(body);
  in.string();  // transactional id
  Produced request;
  request.acks = in.int16();
  in.int32();  // timeout
  in.int32();
  const std::string topic = in.string();
  in.int32();
  request.partition = in.int32();
  const auto bytes = in.bytes(static_cast<std::uint64_t>(in.int32()));
  request.batch.assign(bytes.begin(), bytes.end());
  BatchScan scan(request.batch);
  Batch batch;
  check(in.ok() && scan.next(batch) && crc_holds(batch), "a request holds a sound batch");
  request.header = batch.header;
  request.records = batch.record_count;
  {
    const std::lock_guard lock(mutex_);
    produced_.push_back(request);
  }
  const Reply reply = script_(request);
  disconnect = reply.disconnect;
  if (reply.silent || request.acks == 0) return std::nullopt;
  Writer out;
  out.int32(1).string(topic).int32(1).int32(request.partition).int16(reply.error);
  return out.int64(reply.offset).int64(-1).int64(0).int32(0).take();
}

}  // namespace seatrial::test
