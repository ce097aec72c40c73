// By digest, and by what was given of it.
#include "logic/held_back.h"

#include "logic/given_digest.h"
#include "logic/plan_reload.h"

namespace dso {

std::vector<SecretKey> hold_back(const ScopeState& from, ScopeState& to) {
  std::vector<SecretKey> out;
  for (const DeliveredSecret& was : to.delivered)
    for (const DeliveredSecret& is : from.delivered)
      if (was.secret == is.secret && !same_given(was, is)) {
        to.refused[applied_key(is.secret)] = is.digest;
        if (!is.given.empty()) to.refused_given[applied_key(is.secret)] = is.given;
        out.push_back(is.secret);
      }
  return out;
}

}  // namespace dso
