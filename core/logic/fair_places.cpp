// Counts by asker, then the rules of the header in their order.
#include "logic/fair_places.h"

#include <algorithm>

namespace dso {
namespace {

using Doing = Visitor::Doing;
using Time = Visitor::Time;
constexpr FairStep kNobody{};

bool has_place(const Visitor& v) {
  return v.doing == Doing::idle || v.doing == Doing::works || v.doing == Doing::writes;
}

struct AskerCount {
  std::size_t visitors = 0, places = 0, leaving = 0, asks = 0;
  bool root = false;
};

class FairView {
 public:
  FairView(const FairLimits& limits, const std::vector<Visitor>& visitors, Time now)
      : limits_(limits), visitors_(visitors), now_(now) {
    for (const Visitor& v : visitors_) {
      if (static_cast<std::size_t>(v.asker) >= askers_.size()) askers_.resize(static_cast<std::size_t>(v.asker) + 1);
      AskerCount& asker = askers_[static_cast<std::size_t>(v.asker)];
      asker.root = v.root;
      leaving_ += v.doing == Doing::leaves;
      asker.leaving += v.doing == Doing::leaves;
      asker.asks += v.doing == Doing::asks;
      asker.visitors += v.doing != Doing::leaves;
      asker.places += has_place(v);
      taken_ += has_place(v);
      taken_by_others_ += has_place(v) && !v.root;
    }
  }

  FairStep step() {
    if (const FairStep ends = end_the_silent(); ends.what != FairStep::What::nothing) return ends;
    if (const FairStep ends = end_who_is_too_many(); ends.what != FairStep::What::nothing) return ends;
    for (const std::size_t who : first_of_each_that_asks())
      if (const FairStep done = give_a_place(who); done.what != FairStep::What::nothing) return done;
    return {FairStep::What::nothing, 0, again_};
  }

 private:
  const AskerCount& of(const Visitor& v) const { return askers_[static_cast<std::size_t>(v.asker)]; }
  static FairStep end(std::size_t which) { return {FairStep::What::end, which, {}}; }

  /// Whether it has done the same for so long; if not, it is looked again when it has.
  bool for_long(const Visitor& v, std::chrono::milliseconds limit) {
    const Time when = v.since + limit;
    if (when <= now_) return true;
    if (!again_ || when < *again_) again_ = when;
    return false;
  }

  FairStep end_the_silent() {
    for (std::size_t i = 0; i < visitors_.size(); ++i)
      if (visitors_[i].doing == Doing::silent && for_long(visitors_[i], limits_.silence)) return end(i);
    return kNobody;
  }

  FairStep end_who_is_too_many() const {
    if (visitors_.size() - leaving_ <= limits_.visitors) return kNobody;
    std::optional<std::size_t> ends;
    const auto weight = [&](std::size_t i) { return std::pair(!of(visitors_[i]).root, of(visitors_[i]).visitors); };
    const auto most = [&](std::size_t i) { return !ends || weight(i) > weight(*ends); };  // of those that wait: no place is taken
    const auto same = [&](std::size_t i) { return ends && visitors_[i].asker == visitors_[*ends].asker; };
    for (std::size_t i = 0; i < visitors_.size(); ++i) {
      const Doing doing = visitors_[i].doing;
      if (doing != Doing::silent && doing != Doing::asks) continue;
      const bool newest_that_waits = same(i) && doing == Doing::asks && visitors_[*ends].doing == Doing::asks;
      const bool oldest_silent = same(i) && doing == Doing::silent && visitors_[*ends].doing == Doing::asks;
      if (most(i) || newest_that_waits || oldest_silent) ends = i;
    }
    return ends ? end(*ends) : kNobody;
  }

  /// The oldest that asks of each asker: root's, then of who has the fewest places, then of who came first.
  std::vector<std::size_t> first_of_each_that_asks() const {
    std::vector<std::size_t> out;
    std::vector<bool> seen(askers_.size());
    for (std::size_t i = 0; i < visitors_.size(); ++i) {
      const auto asker = static_cast<std::size_t>(visitors_[i].asker);
      if (visitors_[i].doing != Doing::asks || seen[asker]) continue;
      seen[asker] = true;
      out.push_back(i);
    }
    std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
      const AskerCount &x = of(visitors_[a]), &y = of(visitors_[b]);
      return std::pair(!x.root, x.places) < std::pair(!y.root, y.places);
    });
    return out;
  }

  bool is_free_for(const Visitor& v) const {
    if (taken_ >= limits_.places) return false;
    return v.root || taken_by_others_ + limits_.kept < limits_.places;
  }

  FairStep give_a_place(std::size_t who) {
    const Visitor& asks = visitors_[who];
    const AskerCount& asker = of(asks);
    if (!asks.root && taken_ + leaving_ >= 2 * limits_.places) return kNobody;
    const bool within_share = asks.root || asker.places + asker.leaving < limits_.share;
    if (within_share && is_free_for(asks)) return {FairStep::What::serve, who, {}};
    if (!within_share && asker.leaving >= asker.asks) return kNobody;  // for each of these one is on its way out already
    const std::size_t mine = asks.root ? 0 : asker.places;
    if (within_share)
      if (const FairStep greedy = end_one_of_the_greediest(asks, mine); greedy.what != FairStep::What::nothing) return greedy;
    const auto own_idle = [&](const Visitor& v) { return v.asker == asks.asker && v.doing == Doing::idle; };
    if (const FairStep own = oldest_of_no_use(own_idle); own.what != FairStep::What::nothing) return own;
    if (!within_share || mine > 0) return kNobody;
    return oldest_of_no_use([&](const Visitor& v) { return v.asker != asks.asker && !v.root; });
  }

  FairStep end_one_of_the_greediest(const Visitor& asks, std::size_t mine) {
    std::size_t most = 0;
    for (const AskerCount& a : askers_)
      if (!a.root) most = std::max(most, a.places);
    if (most < mine + 2) return kNobody;
    const auto of_greediest = [&](const Visitor& v) { return v.asker != asks.asker && !v.root && of(v).places == most; };
    const auto idle = [&](const Visitor& v) { return of_greediest(v) && v.doing == Doing::idle; };
    if (const FairStep found = oldest_of_no_use(idle); found.what != FairStep::What::nothing) return found;
    for (const Doing doing : {Doing::writes, Doing::works, Doing::idle})
      if (const FairStep found = oldest([&](const Visitor& v) { return of_greediest(v) && v.doing == doing; });
          found.what != FairStep::What::nothing)
        return found;
    return kNobody;
  }

  /// Of those that fit: the one that has done the same for the longest.
  template <class Fits>
  FairStep oldest(const Fits& fits) const {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < visitors_.size(); ++i)
      if (has_place(visitors_[i]) && fits(visitors_[i]) && (!found || visitors_[i].since < visitors_[*found].since)) found = i;
    return found ? end(*found) : kNobody;
  }
  /// The same of those that were idle, or did not read, for longer than one is patient.
  template <class Fits>
  FairStep oldest_of_no_use(const Fits& fits) {
    return oldest([&](const Visitor& v) {
      return (v.doing == Doing::idle || v.doing == Doing::writes) && fits(v) && for_long(v, limits_.patience);
    });
  }

  const FairLimits& limits_;
  const std::vector<Visitor>& visitors_;
  const Time now_;
  std::vector<AskerCount> askers_;
  std::size_t leaving_ = 0, taken_ = 0, taken_by_others_ = 0;
  std::optional<Time> again_;
};

}  // namespace

FairStep next_fair_step(const FairLimits& limits, const std::vector<Visitor>& visitors, Visitor::Time now) {
  return FairView(limits, visitors, now).step();
}

}  // namespace dso
