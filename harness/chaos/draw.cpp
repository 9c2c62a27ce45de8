// Rejection sampling: draw, ask the model, draw again. The model is quadratic in the faults, which
// are few.
#include "chaos/draw.hpp"

#include <algorithm>
#include <set>

#include "core/mix.hpp"

namespace seatrial::chaos {
namespace {

using Kind = Target::Kind;

constexpr int attempts = 50;  // for a fault that the model allows; then there is one less

// SplitMix64, so that the draws are the same on every platform.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  double share() { return static_cast<double>(next() >> 11U) * 0x1p-53; }  // [0, 1)
  // From 0 to below `sides`, which is small: the bias is below 2^-40.
  std::size_t throw_of(std::size_t sides) {
    return static_cast<std::size_t>(share() * static_cast<double>(sides));
  }
  nanoseconds between(nanoseconds least, nanoseconds most) {
    const auto steps = std::max<std::int64_t>((most - least) / milliseconds(1), 0);
    return milliseconds(least / milliseconds(1) +
                        static_cast<std::int64_t>(throw_of(static_cast<std::size_t>(steps) + 1)));
  }

 private:
  std::uint64_t next() { return mix(state_ += golden_gamma); }
  std::uint64_t state_;
};

nanoseconds end_of(const Drawn& drawn) { return drawn.at + drawn.heal_after; }

bool is_controller_apart(const Setting& setting, const Drawn& drawn) {
  return drawn.target.kind == Kind::controller && setting.controllers > 0;
}

int brokers_away(const Setting& setting, const Drawn& drawn) {
  if (drawn.target.kind == Kind::cluster || is_controller_apart(setting, drawn)) return 0;
  return drawn.target.kind == Kind::followers ? setting.followers : 1;
}

// Whether both hit different nodes for certain; `first` strikes before `second`.
bool surely_apart(const Setting& setting, const Drawn& first, const Drawn& second) {
  if (first.target.kind == Kind::cluster || second.target.kind == Kind::cluster)
    return first.fault != second.fault;  // of administering, one at a time of each kind
  if (is_controller_apart(setting, first) != is_controller_apart(setting, second)) return true;
  if (first.target.kind == Kind::broker && second.target.kind == Kind::broker)
    return first.target.node != second.target.node;
  const bool held_followers =
      first.target.kind == Kind::followers || first.target.kind == Kind::follower;
  return held_followers && second.target.kind == Kind::leader &&
         first.target.where == second.target.where;
}

struct Away {
  int brokers = 0;
  int controllers = 0;
};

Away away_at(const Setting& setting, const std::vector<Drawn>& all, nanoseconds t) {
  Away out;
  for (const Drawn& drawn : all) {
    if (t < drawn.at || t >= end_of(drawn) + setting.grace) continue;
    out.brokers += brokers_away(setting, drawn);
    out.controllers += is_controller_apart(setting, drawn) ? 1 : 0;
  }
  return out;
}

bool is_tolerated(const Setting& setting, const Away& away) {
  return away.brokers <= setting.tolerated &&
         away.controllers <= std::max(setting.controllers - 1, 0) / 2;
}

bool is_found_late(Kind role) {
  return role == Kind::leader || role == Kind::follower || role == Kind::followers;
}

// Of a partition all of whose replicas may be away nobody leads, and there is nobody to hit.
bool finds_somebody(const Setting& setting, const std::vector<Drawn>& all, const Drawn& drawn) {
  if (!is_found_late(drawn.target.kind)) return true;
  std::vector<Drawn> others = all;
  std::erase(others, drawn);
  return away_at(setting, others, drawn.at).brokers <= setting.followers;
}

// The most is away when a fault begins.
bool is_admissible(const Setting& setting, const std::vector<Drawn>& before, const Drawn& next) {
  for (const Drawn& one : before) {
    if (one.at >= end_of(next) || next.at >= end_of(one)) continue;
    const bool in_order = one.at <= next.at;
    if (!surely_apart(setting, in_order ? one : next, in_order ? next : one)) return false;
  }
  std::vector<Drawn> all = before;
  all.push_back(next);
  return std::ranges::all_of(all, [&](const Drawn& one) {
    return finds_somebody(setting, all, one) &&
           (setting.beyond || is_tolerated(setting, away_at(setting, all, one.at)));
  });
}

struct Choice {
  const Weighted* fault = nullptr;
  Kind role = Kind::cluster;
  double weight = 0;
};

std::string role_name(Kind role) {
  switch (role) {
    case Kind::broker: return "broker";
    case Kind::leader: return "leader";
    case Kind::follower: return "follower";
    case Kind::followers: return "followers";
    case Kind::controller: return "controller";
    default: return "cluster";
  }
}

std::string key_of(const Choice& choice) {
  return choice.fault->fault + " " + role_name(choice.role);
}

class Drawer {
 public:
  Drawer(const Setting& setting, Seen& seen, std::uint64_t seed)
      : s_(setting), seen_(seen), dice_(seed) {
    for (const Weighted& fault : s_.faults) {
      if (!fault.acts_on_nodes) choices_.push_back({&fault, Kind::cluster});
      else
        for (const Kind role : s_.roles) choices_.push_back({&fault, role});
    }
  }

  std::vector<Drawn> draw() {
    if (choices_.empty() || s_.every <= nanoseconds{0}) return {};
    const auto periods = static_cast<std::size_t>(s_.measure / s_.every);
    const auto quiet = quiet_periods(periods);
    for (std::size_t period = 0; period < periods; ++period) {
      if (!quiet.contains(period)) fill(static_cast<std::int64_t>(period) * s_.every);
    }
    std::ranges::stable_sort(out_, {}, &Drawn::at);
    return std::move(out_);
  }

 private:
  std::set<std::size_t> quiet_periods(std::size_t periods) {
    std::set<std::size_t> out;
    while (out.size() < (periods + 2) / 4) out.insert(dice_.throw_of(periods));
    return out;
  }

  // Within tolerance as many as may be away; beyond it enough to meet each other.
  void fill(nanoseconds begin) {
    const std::size_t most =
        s_.beyond ? 3 : std::max<std::size_t>(static_cast<std::size_t>(s_.tolerated), 1);
    for (std::size_t left = 1 + dice_.throw_of(most); left > 0; --left) add_one(begin);
  }

  void add_one(nanoseconds begin) {
    for (int attempt = 0; attempt < attempts; ++attempt) {
      const Choice choice = choose();
      Drawn drawn{.fault = choice.fault->fault, .target = target_of(choice.role)};
      drawn.at = dice_.between(begin, begin + s_.every * 3 / 4);
      drawn.heal_after = dice_.between(s_.shortest, s_.longest);
      if (end_of(drawn) > s_.measure || !is_admissible(s_, out_, drawn)) continue;
      out_.push_back(std::move(drawn));
      ++seen_[key_of(choice)];
      return;
    }
  }

  Choice choose() {
    double sum = 0;
    for (Choice& choice : choices_) {
      const auto seen = seen_.find(key_of(choice));
      choice.weight = choice.fault->weight / (1 + (seen == seen_.end() ? 0 : seen->second));
      sum += choice.weight;
    }
    double left = dice_.share() * sum;
    for (const Choice& choice : choices_) {
      if (left < choice.weight) return choice;
      left -= choice.weight;
    }
    return choices_.back();
  }

  Target target_of(Kind role) {
    Target out;
    out.kind = role;
    if (role == Kind::broker) {
      const auto brokers = static_cast<std::size_t>(s_.brokers);
      out.node = NodeId(static_cast<std::int32_t>(dice_.throw_of(brokers)) + 1);
    }
    if (role == Kind::leader || role == Kind::follower || role == Kind::followers)
      out.where = s_.partitions[dice_.throw_of(s_.partitions.size())];
    return out;
  }

  const Setting& s_;
  Seen& seen_;
  Dice dice_;
  std::vector<Choice> choices_;
  std::vector<Drawn> out_;
};

}  // namespace

std::vector<Drawn> draw(const Setting& setting, Seen& seen, std::uint64_t seed) {
  return Drawer(setting, seen, seed).draw();
}

std::vector<Span> demanding_spans(const Setting& setting, const std::vector<Drawn>& drawn) {
  std::set<nanoseconds> edges{nanoseconds{0}, setting.measure};
  for (const Drawn& one : drawn) {
    for (const nanoseconds edge : {one.at, end_of(one) + setting.grace})
      if (edge < setting.measure) edges.insert(edge);
  }
  std::vector<Span> out;
  for (auto from = edges.begin(), to = std::next(from); to != edges.end(); ++from, ++to) {
    if (!is_tolerated(setting, away_at(setting, drawn, *from))) continue;
    if (!out.empty() && out.back().second == *from) out.back().second = *to;
    else out.emplace_back(*from, *to);
  }
  return out;
}

}  // namespace seatrial::chaos
