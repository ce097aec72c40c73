// Turn, start, call, judge, and again. What may be decided without doing anything is in retry.h and call_answers.h.
#include "provider/supervised_source.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "dso/provider.h"
#include "logic/http_date.h"
#include "logic/pinned_version.h"

namespace dso {
namespace {

using ipc::FrameType;
using std::chrono::milliseconds;

std::string apostrophed(const std::string& name) {
  return "'" + name + "'";
}

/// The caller adds which secret.
Error unnamed_error(ErrorClass cls, std::string cause, std::string next = {}) {
  return make_error(cls, {}, std::move(cause), std::move(next));
}

Error interrupted() {
  return unnamed_error(ErrorClass::interrupted, "interrupted");
}

Error with_what(Error e, std::string what) {
  e.what = std::move(what);
  return e;
}

}  // namespace

/// The right to use process and services.
class SupervisedSource::Turn {
 public:
  Turn(SupervisedSource& source, const Deadline& deadline, std::stop_token stop) : source_(source) {
    std::unique_lock lock(source.mutex_);
    const auto is_free = [&source] { return !source.busy_; };
    has_ = deadline.time() == Deadline::Clock::time_point::max()
               ? source.turn_over_.wait(lock, stop, is_free)
               : source.turn_over_.wait_until(lock, stop, deadline.time(), is_free);
    if (has_) source.busy_ = true;
  }
  ~Turn() {
    if (!has_) return;
    {
      std::lock_guard lock(source_.mutex_);
      source_.busy_ = false;
    }
    source_.turn_over_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool has() const { return has_; }

 private:
  SupervisedSource& source_;
  bool has_ = false;
};

SupervisedSource::SupervisedSource(SourceParts parts)
    : parts_(std::move(parts)),
      services_(
          parts_.instance,
          [this](const HttpRequest& request, const Deadline& deadline, std::stop_token stop) {
            auto answer = parts_.http(request, deadline, std::move(stop));
            if (answer.has_value()) note_time(*answer);
            return answer;
          },
          parts_.env) {
  services_.lend_leases(&leases_);
}

SupervisedSource::~SupervisedSource() {
  if (process_) process_->close(services_, Deadline::in(kClosePatience));
}

void SupervisedSource::note_time(const HttpResponse& answer) {
  // a cache's answer is as old as it is
  if (!answer.header("age").empty()) return;
  if (const auto date = parse_http_date(answer.header("date"))) ahead_s_ = unix_ms() / 1000 - *date;
}

std::optional<std::chrono::seconds> SupervisedSource::clock_ahead() {
  const std::int64_t ahead = ahead_s_;
  return ahead == kNoTime ? std::nullopt : std::optional(std::chrono::seconds(ahead));
}

Error SupervisedSource::died(const ProcessDeath& death) {
  process_.reset();
  ++deaths_;
  last_death_ = std::chrono::steady_clock::now();
  last_cause_ = death.cause;
  last_class_ = death.refused ? ErrorClass::plugin : ErrorClass::unavailable;
  std::string cause =
      "the provider of " + apostrophed(parts_.instance.name) + " (" + parts_.file.path + ") failed: " + death.cause;
  if (death.refused) return unnamed_error(ErrorClass::plugin, std::move(cause), death.next);
  std::string next = death.next.empty() ? "" : death.next + " ";
  next += "It is started again with the next request; if this stays, run `dso provider test " + parts_.file.path + "`.";
  return unnamed_error(death.hung ? ErrorClass::timeout : ErrorClass::unavailable, std::move(cause), std::move(next));
}

/// No call fails for it: a new process takes its place at once.
void SupervisedSource::stop_what_does_not_rest() {
  constexpr std::chrono::hours kTellAgain{1};
  const auto why = why_not_idle(process_->idle());
  if (!why) return;
  process_.reset();
  const auto now = std::chrono::steady_clock::now();
  if (restless_told_ && now - *restless_told_ < kTellAgain) return;
  restless_told_ = now;
  log::warn("Provider",
            parts_.instance.name + ": the provider (" + parts_.file.path + ") was stopped: " + *why +
                ". It is started again, and stopped again when it does so. Ask its author, or take it away: dso provider "
                "remove " +
                parts_.file.type);
}

std::optional<Error> SupervisedSource::start(const Deadline& deadline, std::stop_token stop) {
  const auto wait = restart_delay(deaths_, parts_.restart);
  const auto since = std::chrono::steady_clock::now() - last_death_;
  if (deaths_ > 0 && since < wait) {
    const auto left = std::chrono::ceil<milliseconds>(wait - since);
    Error e = unnamed_error(last_class_,
                            "the provider of " + apostrophed(parts_.instance.name) + " (" + parts_.file.path + ") failed " +
                                std::to_string(deaths_) + " times in a row, at last: " + last_cause_,
                            "It is started again in " + std::to_string(std::chrono::ceil<std::chrono::seconds>(left).count()) +
                                " s at the earliest.");
    e.retry_after = left;
    return e;
  }
  auto started = HostProcess::start(parts_.exe, parts_.file.fd.get(), parts_.instance.sandbox == "network", deadline, stop);
  if (stop.stop_requested()) return interrupted();
  if (const auto* death = std::get_if<ProcessDeath>(&started)) return died(*death);
  process_ = std::move(std::get<std::unique_ptr<HostProcess>>(started));
  const ProviderFacts& facts = process_->facts();
  ProcessDeath misfit;
  misfit.refused = true;
  if (facts.name != parts_.file.type) {
    misfit.cause = "it calls itself " + apostrophed(facts.name) + ", its file says " + apostrophed(parts_.file.type);
    misfit.next = "Name the file libdso_provider_" + facts.name + ".so and set type: " + facts.name + ".";
    return died(misfit);
  }
  if (const std::string& locked = parts_.file.locked_version; !locked.empty() && facts.semver != locked) {
    misfit.cause = "it is version " + facts.semver + ", and " + kProviderLockName + " says " + locked;
    misfit.next = "Somebody changed that list. Install it again: dso provider install " + parts_.file.path + ".";
    return died(misfit);
  }
  if ((facts.capabilities & DSO_CAP_NETWORK) && parts_.instance.sandbox != "network") {
    misfit.cause = "it brings its own network stack, which the config does not allow";
    misfit.next = "If you trust it, set sandbox: network for " + apostrophed(parts_.instance.name) + ".";
    return died(misfit);
  }
  if (auto error = open_instance(deadline, stop)) return error;
  if (deaths_ > 0) log::info("Provider", parts_.instance.name + ": started again after: " + last_cause_);
  return std::nullopt;
}

std::optional<Error> SupervisedSource::open_instance(const Deadline& deadline, std::stop_token stop) {
  const SecretBuffer config = config_for_provider(parts_.instance);
  CallAnswers none(0);
  ipc::CallMessage message;
  message.text = view(config);
  auto outcome = process_->call(FrameType::open, message, services_, none, deadline, stop);
  if (outcome.death) {
    if (outcome.stopped) {
      process_.reset();
      return interrupted();
    }
    return died(*outcome.death);
  }
  if (outcome.stopped) {
    process_.reset();
    return interrupted();
  }
  if (outcome.error) {  // a config that it refuses is no reason to wait before the next try
    process_.reset();
    return std::move(*outcome.error);
  }
  return std::nullopt;
}

std::optional<Error> SupervisedSource::run(const Deadline& deadline, std::stop_token stop) {
  if (process_) stop_what_does_not_rest();
  if (process_) return std::nullopt;
  return start(deadline, stop);
}

Result<void> SupervisedSource::open(const Deadline& deadline, std::stop_token stop) {
  const std::string what = "Cannot open the provider " + apostrophed(parts_.instance.name);
  const Turn turn(*this, deadline, stop);
  if (!turn.has())
    return with_what(stop.stop_requested() ? interrupted() : unnamed_error(ErrorClass::timeout, "it is busy"), what);
  if (auto error = run(deadline, stop)) return with_what(std::move(*error), what);
  return {};
}

std::optional<SupervisedSource::CallError> SupervisedSource::call(FrameType type, std::span<const SecretRef* const> refs,
                                                                  CallAnswers& answers, Operation& operation,
                                                                  std::stop_token stop) {
  const Turn turn(*this, operation.deadline, stop);
  if (stop.stop_requested()) return CallError{interrupted(), false};
  if (!turn.has())
    return CallError{
        unnamed_error(ErrorClass::timeout, "other requests to " + apostrophed(parts_.instance.name) + " took the whole time"),
        false};
  if (!std::exchange(operation.begun, true)) operation.deadline = operation.deadline.capped(parts_.instance.timeout);
  const auto began = std::chrono::steady_clock::now();
  try {
    auto failed = call_in_turn(type, refs, answers, operation.deadline, stop);
    operation.took = std::chrono::ceil<milliseconds>(std::chrono::steady_clock::now() - began);
    return failed;
  } catch (
      const std::bad_alloc& refused) {  // in the middle of whatever: the process does not know that we have stopped listening
    process_.reset();
    return CallError{unnamed_error(ErrorClass::unavailable, refused.what()), false};
  }
}

std::optional<SupervisedSource::CallError> SupervisedSource::call_in_turn(FrameType type, std::span<const SecretRef* const> refs,
                                                                          CallAnswers& answers, const Deadline& mine,
                                                                          std::stop_token stop) {
  if (auto error = run(mine, stop)) return CallError{std::move(*error), false};
  const std::uint64_t can = process_->facts().capabilities;
  if (const char* lacking = type == FrameType::versions && !(can & DSO_CAP_VERSIONS) ? "cheap versions"
                            : type == FrameType::list && !(can & DSO_CAP_LIST)       ? "list"
                            : type == FrameType::events && !(can & DSO_CAP_EVENTS)   ? "events"
                                                                                     : nullptr)
    return CallError{unnamed_error(ErrorClass::unsupported, std::string("this kind of store has no ") + lacking), false};

  ipc::CallMessage message;
  for (const SecretRef* ref : refs) {
    const AskedRef of_store = as_asked(*ref);
    message.refs.emplace_back(of_store.name, of_store.version);
  }
  const auto asked = BootClock::now();
  auto outcome = process_->call(type, message, services_, answers, mine, stop);
  for (std::size_t i = 0; i < refs.size(); ++i)
    if (refs[i]->version.empty() && !answers.failed(i)) leases_.note(refs[i]->name, answers.lease(i), asked);
  if (!answers.identity().empty()) {
    std::lock_guard lock(mutex_);
    identity_ = log_text(answers.identity());
  }
  if (outcome.death) {
    if (!outcome.stopped) return CallError{died(*outcome.death), false, refs.size() > 1 && !outcome.death->hung};
    process_.reset();
    return CallError{interrupted(), false};
  }
  if (outcome.stopped) return CallError{interrupted(), false};
  deaths_ = 0;
  if (outcome.error) return CallError{std::move(*outcome.error), true};
  return std::nullopt;
}

template <class T, class Take>
std::vector<Result<T>> SupervisedSource::ask(FrameType type, std::span<const SecretRef> refs, const std::string& verb,
                                             Operation operation, std::stop_token stop, Take&& take) {
  std::vector<std::optional<Result<T>>> results(refs.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < refs.size(); ++i) open.push_back(i);
  const RetryPolicy policy{parts_.instance.retry_attempts, parts_.instance.retry_backoff};

  for (int attempt = 1; !open.empty(); ++attempt) {
    std::vector<const SecretRef*> asked;
    for (const std::size_t i : open) asked.push_back(&refs[i]);
    CallAnswers answers(asked.size());
    const auto failed = call(type, asked, answers, operation, stop);
    if (failed && failed->alone) {
      for (const std::size_t i : open)
        results[i] = std::move(ask<T>(type, refs.subspan(i, 1), verb, operation, stop, take).front());
      break;
    }
    std::vector<std::size_t> again;
    milliseconds wait{0};
    for (std::size_t k = 0; k < open.size(); ++k) {
      const std::size_t i = open[k];
      const std::string what = "Failed to " + verb + " " + apostrophed(refs[i].name);
      results[i] = failed ? Result<T>(with_what(failed->error, what)) : take(answers, k, refs[i], what);
      if (results[i]->has_value() || (failed && !failed->may_retry)) continue;
      const Error& e = results[i]->error();
      const FailedAttempt failure{attempt, e.cls, e.retry_after, operation.took};
      if (const auto delay = next_retry(failure, policy, operation.deadline.left(), parts_.random())) {
        again.push_back(i);
        wait = std::max(wait, *delay);
      }
    }
    open = std::move(again);
    if (open.empty()) break;
    std::unique_lock lock(mutex_);
    turn_over_.wait_for(lock, stop, wait, [] { return false; });
    if (stop.stop_requested()) break;  // what failed keeps its own error
  }
  std::vector<Result<T>> out;
  out.reserve(results.size());
  for (auto& r : results) out.push_back(std::move(*r));
  return out;
}

std::vector<Result<SecretValue>> SupervisedSource::fetch(std::span<const SecretRef> refs, const Deadline& deadline,
                                                         std::stop_token stop) {
  return ask<SecretValue>(FrameType::fetch, refs, "fetch secret", {deadline}, stop,
                          [](CallAnswers& a, std::size_t k, const SecretRef& ref, std::string what) {
                            return a.take_value(k, ref.name, std::move(what));
                          });
}

std::vector<Result<std::string>> SupervisedSource::versions(std::span<const SecretRef> refs, const Deadline& deadline,
                                                            std::stop_token stop) {
  return ask<std::string>(
      FrameType::versions, refs, "read the version of secret", {deadline}, stop,
      [](CallAnswers& a, std::size_t k, const SecretRef&, std::string what) { return a.take_version(k, std::move(what)); });
}

Result<std::vector<std::string>> SupervisedSource::list(const Deadline& deadline, std::stop_token stop) {
  const std::string what = "Failed to list the secrets of " + apostrophed(parts_.instance.name);
  const RetryPolicy policy{parts_.instance.retry_attempts, parts_.instance.retry_backoff};
  Operation operation{deadline};
  for (int attempt = 1;; ++attempt) {
    CallAnswers answers(0);
    auto failed = call(FrameType::list, {}, answers, operation, stop);
    if (!failed) return answers.take_names();
    const FailedAttempt failure{attempt, failed->error.cls, failed->error.retry_after, operation.took};
    const auto delay = failed->may_retry ? next_retry(failure, policy, operation.deadline.left(), parts_.random()) : std::nullopt;
    if (delay) {
      std::unique_lock lock(mutex_);
      turn_over_.wait_for(lock, stop, *delay, [] { return false; });
    }
    if (!delay || stop.stop_requested()) return with_what(std::move(failed->error), what);
  }
}

std::optional<milliseconds> SupervisedSource::lease_left(const std::string& name) {
  return leases_.left(name, BootClock::now());
}

void SupervisedSource::keep_lease(const std::string& name) {
  leases_.keep(name);
}

Error SupervisedSource::listen(const std::function<void()>& changed, std::stop_token stop) {
  constexpr std::chrono::seconds kConnect{30};
  if (!parts_.listen) return unnamed_error(ErrorClass::unsupported, "nothing is listened to here");
  CallAnswers answers(0);
  Operation operation{Deadline::in(kConnect)};
  if (auto failed = call(FrameType::events, {}, answers, operation, stop)) return std::move(failed->error);
  if (!answers.event_source()) return unnamed_error(ErrorClass::malformed, "the provider named no place to listen to");
  auto request = services_.event_request(answers.event_source()->url, answers.event_source()->headers);
  if (request.has_error()) return std::move(request).error();
  auto socket = parts_.listen(*request, Deadline::in(kConnect), stop);
  if (socket.has_error()) return std::move(socket).error();
  log::debug("Provider", parts_.instance.name + ": listening to the store's events");
  for (;;) {
    changed();
    if (auto more = (*socket)->next_message(stop); more.has_error()) return std::move(more).error();
  }
}

std::string SupervisedSource::identity() {
  std::lock_guard lock(mutex_);
  if (!identity_.empty()) return identity_;
  return parts_.instance.auth_method.empty() ? "the provider's default credentials" : parts_.instance.auth_method;
}

}  // namespace dso
