// Who gets a place at a socket, and who has to leave for it: of those that are there, by whom they come, what they do and since
// when. No asker can take what another needs, however many connections it opens and whatever it does with them. Pure; called
// again and again until it says `nothing`.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace dso {

/// A connection. Those that neither `asks` nor are `silent` have a place: a thread that serves them.
struct Visitor {
  using Time = std::chrono::steady_clock::time_point;
  enum class Doing {
    silent,  ///< Connected, and has not asked for anything yet, or not to the end: needs no place.
    asks,    ///< Has asked, and waits for a place.
    idle,    ///< Its request is waited for, or is not whole yet.
    works,   ///< What it asked for is being done.
    writes,  ///< Its answer is being written: it reads slowly, or not at all.
    leaves   ///< It was told to end.
  };
  int asker = 0;      ///< The same number: the same asker, all whose connections count together.
  bool root = false;  ///< The host's: places are kept for it, and it is never asked to leave for somebody else.
  Doing doing = Doing::silent;
  Time since{};
};

struct FairLimits {
  std::size_t places = 64;      ///< So many are served at once.
  std::size_t kept = 0;         ///< Of these for root alone.
  std::size_t share = 64;       ///< So many at most for one asker; not for root.
  std::size_t visitors = 1088;  ///< So many connections at all, with those that wait.
  /// What a client gets to say its first word, or its next one, or to read its answer, before its place may go to another.
  std::chrono::milliseconds patience{100};
  std::chrono::milliseconds silence{5000};  ///< So long may one take to ask.
};

struct FairStep {
  enum class What { nothing, serve, end };
  What what = What::nothing;
  std::size_t which = 0;                    ///< Whom to give a place, or to end.
  std::optional<Visitor::Time> look_again;  ///< With `nothing`: the step may be another then, though nothing has happened.
};

/// `visitors` in the order in which they came.
///
/// 1. Who says nothing for too long ends. Where too many are there, the asker with the most ends one: its oldest that is silent,
///    else its newest that waits.
/// 2. Places go to root first, then to the asker that has the fewest, then in the order of arrival; no asker gets more than its
///    share.
/// 3. Where no place is free, the greediest asker makes room if it has two places more than the one who asks (else the two would
/// take
///    turns): what it has idle, what does not read its answer, at last what works. Root counts as one that has none.
/// 4. Else, and where an asker has its share, one of its own makes room that is idle for longer than `patience`; nothing of its
/// own
///    that works is ended for it. At last, for who has no place at all, what is of no use to another: idle or not read for so
///    long.
///
/// Who was told to leave has its thread until it is gone. That counts for its asker's share, so that nobody makes threads by
/// coming and going, and twice the places is the end for all but root.
FairStep next_fair_step(const FairLimits& limits, const std::vector<Visitor>& visitors, Visitor::Time now);

}  // namespace dso
