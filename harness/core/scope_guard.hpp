// Runs an action when the scope is left, on every way out. The action must not throw; whoever needs
// to know of a failed clean-up catches inside and writes it to the journal.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

namespace seatrial {

template <std::invocable Action>
  requires std::is_nothrow_invocable_v<Action>
class [[nodiscard]] ScopeGuard {
 public:
  explicit ScopeGuard(Action action) : action_(std::move(action)) {}
  ScopeGuard(ScopeGuard&& other) noexcept
      : action_(std::move(other.action_)), armed_(std::exchange(other.armed_, false)) {}
  ScopeGuard& operator=(ScopeGuard&&) = delete;
  ~ScopeGuard() {
    if (armed_) action_();
  }
  void cancel() noexcept { armed_ = false; }

 private:
  Action action_;
  bool armed_ = true;
};

}  // namespace seatrial
