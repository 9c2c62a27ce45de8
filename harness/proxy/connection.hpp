// One connection of a peer to a node, and what becomes of its bytes: two streams, each walked frame
// by frame and subject to the rules that reach it. A frame that no rule is about is never held back
// longer than until its header is whole, nor copied unless the receiver is full.
//
// Used by its pump's thread only. What the receiver does not take is not read from the sender, so a
// connection holds at most one read's bytes in each way, and a frame that a rule is about.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "proxy/counters.hpp"
#include "proxy/framing.hpp"
#include "proxy/partitions.hpp"
#include "proxy/rules.hpp"
#include "proxy/sockets.hpp"

namespace seatrial::proxy {

// What a connection needs of its pump.
struct Engine {
  std::span<std::byte> scratch;  // for one read; what is left of it is never kept
  Instant at;                    // of the events that are handled
  OwnPorts& own_ports;
  const Roles& roles;
  std::function<void(int fd, std::uint64_t connection)> watch;  // for readiness, edge triggered
  std::function<void(std::uint64_t connection, Instant when)> wake;
};

struct Dialled {
  std::uint64_t id = 0;
  Ends ends;
  int target = 0;      // the node's own port on this machine
  bool framed = true;  // false: encrypted, and only bytes are seen
};

class Connection {
 public:
  enum class Progress { waits, more, over };

  Connection(Dialled dialled, Socket client, Engine& engine, ListenerCounters& counters);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The rules changed.
  void apply(const std::shared_ptr<const Rules>& rules);
  // Moves what can be moved; `more` if there is more than is fair at once.
  Progress pump();
  void reset();

 private:
  enum class Fate { pass, drop, gather, hold };
  struct Late {
    Instant due;
    Bytes bytes;
  };
  struct Stream {
    Socket* from = nullptr;
    Socket* to = nullptr;
    bool requests = false;
    Bytes out;              // passed, and not yet taken by the receiver
    std::size_t taken = 0;  // of `out`
    std::deque<Late> late;  // delayed
    std::size_t late_bytes = 0;
    Bytes unread;  // behind a frame that is held, and that frame
    Instant held_until{};
    bool hold_is_over = false;  // of the frame that `unread` begins with
    Bytes head;                 // of a frame whose header is not whole, or all of one to be kept
    std::uint64_t left = 0;     // of the frame: what has not come yet
    Fate fate = Fate::pass;
    std::shared_ptr<ActiveRule> gathers;     // for whom a frame is kept whole
    bool blind = false, blind_next = false;  // frames are not to be seen any more
    bool ended = false, closed = false;
    std::size_t waiting = 0;  // bytes that a stall was seen to hold
    ActiveRule* stall = nullptr;
    ActiveRule* delay = nullptr;
    ActiveRule* limit = nullptr;
    ActiveRule* discard = nullptr;
    std::vector<std::shared_ptr<ActiveRule>> frames;
  };

  // A request that waits for the next one to overtake it.
  struct KeptBack {
    Bytes frame;
    bool answered = true;
    std::shared_ptr<ActiveRule> rule;
    Instant until;
  };
  // Of what the rules about requests are asked.
  struct Question {
    std::int16_t api = 0;
    const Partitions* partitions = nullptr;  // of a request; null: nobody can tell
    const InFlight* asked = nullptr;         // of a response
  };

  // What was read at once: up to `passed` it is dealt with, up to `at` looked at.
  struct Chunk {
    BytesView bytes;
    std::size_t passed = 0, at = 0;
  };

  void connect_to_node();
  void identify();
  void drain_half_open();
  Progress move(Stream& stream);
  Progress read(Stream& stream);
  bool blocked(Stream& stream);
  bool flush(Stream& stream);
  void release_late(Stream& stream);
  void end(Stream& stream);
  void emit(Stream& stream, BytesView bytes, bool more = false);

  void walk(Stream& stream, BytesView bytes);
  void pass(Stream& stream, Chunk& chunk);
  void take_body(Stream& stream, Chunk& chunk);
  void begin_frame(Stream& stream, Chunk& chunk);
  void complete_head(Stream& stream, Chunk& chunk);
  Parsed decide(Stream& stream, BytesView first, Fate& fate, std::uint64_t& size);
  [[nodiscard]] bool looks_into(const RequestHeader& header, std::uint64_t size) const;
  const Partitions* look_into(const RequestHeader& header, BytesView frame);
  Fate decide_request(const RequestHeader& header, BytesView frame, std::uint64_t size);
  Fate decide_response(const ResponseHeader& header, std::uint64_t size);
  std::shared_ptr<ActiveRule> frame_rule(const Stream& stream, const Question& question);
  void note_about(const Question& request);
  void count(ActiveRule& rule, std::uint64_t size);
  Fate hold_for(Stream& stream, ActiveRule& rule);
  void hold(Stream& stream, Chunk& chunk);
  void finish_frame(Stream& stream, Chunk& chunk);
  void act_on_gathered(Bytes frame, const std::shared_ptr<ActiveRule>& rule);
  [[nodiscard]] InFlight in_flight(const RequestHeader& header) const;
  void keep_back(const RequestHeader& header, Bytes frame, const std::shared_ptr<ActiveRule>& rule);
  void release_kept(bool overtaken);
  void send_own_answers();
  void give_up_framing();

  void sort_in(const std::shared_ptr<ActiveRule>& rule, Stream& stream);
  void act_on(ActiveRule& rule);
  void wake_at(Instant when);
  void let_half_open(ActiveRule& rule);

  Dialled dialled_;
  Engine& engine_;
  ListenerCounters& counters_;
  Socket client_, node_;
  Stream requests_, responses_;
  Pipeline pipeline_;
  FetchSession session_;
  std::optional<AskedPartitions> looked_;  // into the last request that was looked into
  std::vector<Network::RuleId> about_;     // by its partitions: rules on the last one's response
  std::optional<KeptBack> kept_;
  bool overtakes_ = false;        // the request that passes now, what is kept back
  std::uint64_t early_turn_ = 0;  // of the response that is gathered
  std::string client_id_;
  Instant opened_, wakes_{};
  std::shared_ptr<const Rules> rules_;
  std::set<Network::RuleId> acted_;  // rules that have counted this connection
  ActiveRule* half_open_ = nullptr;
  bool by_topic_ = false;  // a rule is about partitions
  bool identified_ = false, spoilt_ = false, over_ = false;
};

}  // namespace seatrial::proxy
