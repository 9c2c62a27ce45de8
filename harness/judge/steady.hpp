// Whether a load is in its steady state: what is measured before says more of cold brokers, which
// compile their code and work off what piled up meanwhile, than of the setting under test. Work
// counts, not the clock. A load is steady at the end of a second if, over the seconds before it,
//
//   1. its backlog is gone: at some moment of the last half no more was due and unsettled than
//      falls due in half a second (plus the client's linger.ms);
//   2. what is settled keeps up: between the halves that backlog changed by at most 5 % of what
//      fell due in one, and by 10 messages;
//   3. its latency has no trend: medians of the halves differ by at most a quarter and 1 ms, and
//      99th percentiles (where a half has 1,000 samples) by at most a factor of two and 5 ms.
//
// A half is two seconds, and longer where those have fewer than 20 samples; the second that has
// just ended counts for the backlog, but for no latency: its last answers are still to come. The
// rule is the same for all arrivals, ramps, curves and traces too, since it compares with what fell
// due. A closed loop has no backlog: its halves settle the same number of messages to within 10 %.
// What reads compares with what the producers of its topic got acked, and its latency is the end to
// end one. With acks=0 nothing is answered: then 3. does not apply.
//
// Pure; the counts of a second are those at its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/time.hpp"
#include "measure/by_second.hpp"
#include "measure/recorder.hpp"

namespace seatrial::judge {

// What a workload had done at the end of a second, since its beginning, in messages.
struct Work {
  std::uint64_t due = 0;         // what reads: acked by those that produce to its topic
  std::uint64_t settled = 0;     // acked, refused, given up or (acks=0) sent; what reads: read
  std::uint64_t least_open = 0;  // the least that was due and unsettled at any moment of the second
};

enum class Loop { open, closed, reading };

struct Load {
  std::string name;
  Loop loop = Loop::open;
  bool answered = true;  // false: acks=0
  nanoseconds linger{0};
  measure::BySecond<Work> work;  // without gaps
  const measure::Series* series = nullptr;
};

struct Unsteady {
  std::string why;
  bool hopeless = false;  // waiting does not help: it reads steadily, and slower than is produced
};

// Why the load is not steady at the end of `second`; nothing if it is.
[[nodiscard]] std::optional<Unsteady> unsteady(const Load& load, std::int64_t second);

// The first second at or after `from` in which the backlog was gone (1. above); nothing if it never
// was. The rate is that of the seconds before `from`. Closed loops have none.
[[nodiscard]] std::optional<std::int64_t> backlog_gone(const Load& load, std::int64_t from);

// What to change where a load does not become steady.
[[nodiscard]] std::string steadiness_advice(const Load& load);

}  // namespace seatrial::judge
