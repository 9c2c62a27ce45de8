// The names of verdicts and allowances, as records and reports spell them.
#include "core/checker.hpp"

#include "core/check.hpp"

namespace seatrial {

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "pass";
    case Verdict::invalid: return "invalid";
    case Verdict::unknown: return "unknown";
    case Verdict::fail: return "fail";
  }
  throw InvariantBroken("invariant broken: a verdict without a name");
}

std::string to_string(Allowance allowance) {
  switch (allowance) {
    case Allowance::expected: return "expected";
    case Allowance::violation: return "violation";
    case Allowance::neutral: return "neutral";
  }
  throw InvariantBroken("invariant broken: an allowance without a name");
}

}  // namespace seatrial
