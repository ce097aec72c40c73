// When to ask is token_times.h's decision.
#include "session.h"

#include "entra.h"
#include "managed_identity.h"

namespace azure {

using dso::sdk::Failure;

Session::Session(dso::sdk::Host host, const Settings& settings) : host_(host), settings_(settings) {
  for (const Source& source : settings.chain) {
    if (source.application)
      chain_.push_back(std::make_unique<EntraCredential>(host, *source.application, settings.authority));
    else
      chain_.push_back(std::make_unique<ManagedCredential>(host, settings.managed, settings.chain.size() == 1));
  }
}

void Session::begin() {
  replaced_ = false;
  failed_.reset();
}

void Session::check() const {
  if (failed_) throw Failure(*failed_);
}

Failure Session::give_up(Failure failure) {
  failed_ = failure;
  return failure;
}

Identity Session::identity() const {
  if (!held_.identity.text.empty()) return held_.identity;
  if (chain_.empty()) return {};
  return chain_[chosen_.value_or(0)]->identity();
}

Token Session::obtain(const Wanted& wanted) {
  if (chosen_) return chain_[*chosen_]->get(wanted);
  std::optional<Failure> last;
  for (std::size_t i = 0; i < chain_.size(); ++i) {
    try {
      Token token = chain_[i]->get(wanted);
      chosen_ = i;
      return token;
    } catch (const Failure& f) {
      if (f.cls != DSO_E_CREDENTIALS_UNAVAILABLE) throw;
      if (!last || !f.message.empty()) last = f;
    }
  }
  Failure none = last ? *last
                      : Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "no credential for Azure",
                                "Set auth.method, or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.");
  if (!settings_.looked_for.empty()) none.message = settings_.looked_for + "; " + none.message;
  throw none;
}

std::string_view Session::token(const Wanted& wanted) {
  check();
  const std::int64_t now = host_.now_ms();
  const TokenUse use = token_use(held_.times, now);
  if (use == TokenUse::keep) return view(held_.value);
  try {
    held_ = obtain(wanted);
  } catch (const Failure& f) {
    if (use == TokenUse::need) throw give_up(f);
    held_.times.last_try_ms = now;
    host_.log(DSO_LOG_WARN, "renewing the token failed, the present one is used on: " + f.message);
  }
  return view(held_.value);
}

std::string_view Session::replace(const Wanted& wanted) {
  if (replaced_) return {};
  replaced_ = true;
  held_.value.clear();
  held_.times = {};
  return token(wanted);
}

}  // namespace azure
