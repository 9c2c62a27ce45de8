// Makes histories of a cluster that keeps its promises, and breaks them where told: each injection
// changes a history so that exactly the findings it returns must be found. Everything is drawn from
// one seed.
//
// What a valid history has: processes that overlap, sends, polls and transactions of several keys,
// that succeed, fail or end unknown (having happened or not); offsets that are not known; gaps by
// markers and aborted transactions; assign, subscribe, rebalances, crashes, new processes; and
// invocations that nothing completes. In the end a new process reads every key to its end.
#pragma once

#include <boost/random/mersenne_twister.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "unit/operations/model.hpp"

namespace seatrial::operations::test {

class Generator {
 public:
  Generator(std::uint32_t seed, int operations);

  // Injects one anomaly of this name at a random place, and remembers what must be found for it;
  // false if this history has no place for it (left).
  [[nodiscard]] bool inject(const std::string& anomaly);

  [[nodiscard]] std::vector<Op>& ops() { return ops_; }
  // After to_jsonl(ops()).
  [[nodiscard]] std::multiset<std::string> expected() const;
  [[nodiscard]] Validity validity() const;

 private:
  struct Entry {
    std::int64_t offset = 0;
    int value = 0;
    std::size_t writer = 0;
    bool touched = false;
  };
  struct Log {
    std::vector<Entry> visible;
    std::int64_t end = 0;
    bool tail_used = false;
  };
  struct Process {
    int id = 0;
    bool subscribed = false;
    double free_at = 0;
    std::vector<int> keys;
    std::vector<std::size_t> next;  // by key: of the visible entries
  };

  [[nodiscard]] int draw(int below);
  [[nodiscard]] bool chance(double p);
  [[nodiscard]] double between(double a, double b);

  void step(Process& process);
  Op& begin(Process& process, const std::string& f);
  void assign(Process& process);
  void crash(Process& process);
  void send_some(Op& op, int count);
  void poll_some(Process& process, Op& op, int rounds);
  void operate(Process& process);
  void leave_open(Process& process);
  void append(Op& op, std::size_t id, bool landed, bool committed);
  void read_to_the_end();

  // For injections.
  std::size_t add(std::string type, std::string f, std::vector<MicroOperation> micro);
  std::size_t add_after(std::size_t before, std::string type, std::string f,
                        std::vector<MicroOperation> micro);
  // Nobody polls what is not yet written.
  void complete_after_writers(Op& op);
  // Neither is over before the other begins.
  void overlap(std::size_t a, std::size_t b);
  [[nodiscard]] std::optional<int> tail();
  // An untouched entry of any key, with so many untouched ones behind it.
  [[nodiscard]] std::optional<std::pair<int, std::size_t>> place(std::size_t behind);
  void expect(Place place) { expected_.push_back(std::move(place)); }
  void read_tail(int key, std::vector<std::pair<std::int64_t, int>> messages);
  // An ok poll without rebalances after which its process is free for a moment.
  struct Resting {
    std::size_t op;
    int key;
    std::size_t at;  // the visible entry that it ended on
    double until;
  };
  [[nodiscard]] std::optional<Resting> resting();
  [[nodiscard]] std::size_t index_of(int key, int value) const;

  bool lost_write();
  bool unseen();
  bool g1a();
  bool duplicate();
  bool inconsistent_offsets();
  bool nonmonotonic_poll();
  bool poll_skip();
  bool int_poll_skip();
  bool int_nonmonotonic_poll();
  bool int_send_skip();
  bool int_nonmonotonic_send();
  bool nonmonotonic_send();
  bool precommitted_read();
  bool g0();
  bool g0_realtime();
  bool g1c();
  bool g1c_realtime();
  bool realtime_lag();

  boost::random::mt19937 random_;
  std::vector<Log> logs_;
  std::vector<Process> processes_;
  std::vector<Op> ops_;
  std::set<std::size_t> stepped_;  // operations whose steps an injection relies on
  std::set<std::size_t> lossy_;    // and those from which it took messages
  std::vector<Place> expected_;
  std::size_t final_reads_ = 0;  // operations from here on read to the end
  double clock_ = 0;
  int next_value_ = 1, next_process_ = 0;
};

// The names that inject knows: all checkers'.
[[nodiscard]] const std::vector<std::string>& injectable();

}  // namespace seatrial::operations::test
