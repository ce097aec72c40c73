// GetSecretValue, BatchGetSecretValue, ListSecrets.
#include "secrets_manager.h"

#include <algorithm>
#include <set>

#include "aws_text.h"

namespace aws {

using boost::json::object;
using dso::sdk::Answer;
using dso::sdk::Failure;
using dso::sdk::Item;
using dso::sdk::Ref;

namespace {

constexpr std::size_t kSecretsAtOnce = 20;
constexpr std::int64_t kBatchPause = 60LL * 60 * 1000;
constexpr int kMaxListPages = 100;

std::string_view text_of(const boost::json::value& v) {
  return {v.get_string().data(), v.get_string().size()};
}

/// What GetSecretValue answers, and each item of a batch.
void emit(const object& secret, const Context& context, std::string_view request_id, SecretsManager::What what, Item& item) {
  const std::string_view version = string_at(secret, "VersionId");
  if (version.empty()) throw malformed(context, request_id, "the answer holds no version");
  if (what == SecretsManager::What::value) {
    if (const auto* text = secret.if_contains("SecretString"); text && text->is_string()) {
      emit_text(text_of(*text), item);
    } else {
      const auto bytes = has(secret, "SecretBinary") ? base64_decoded(string_at(secret, "SecretBinary")) : std::nullopt;
      if (!bytes) throw malformed(context, request_id, "the answer holds neither SecretString nor SecretBinary");
      item.field("value", view(*bytes));
    }
  }
  item.version(version);
}

/// Is `wanted` what this answer calls itself: by name, ARN, or ARN without the six characters at its end?
bool names(std::string_view wanted, std::string_view name, std::string_view arn) {
  if (wanted == name || wanted == arn) return true;
  return wanted.starts_with("arn:") && arn.size() == wanted.size() + 7 && arn.starts_with(wanted) && arn[wanted.size()] == '-';
}

template <class Matches>
const object* find(const boost::json::array* all, Matches&& matches) {
  if (all)
    for (const auto& v : *all)
      if (const auto* o = v.if_object(); o && matches(*o)) return o;
  return nullptr;
}

}  // namespace

void emit_text(std::string_view text, Item& item) {
  const auto document = Document::parse(text);
  if (!document || document->root().empty()) return item.field("value", text);
  const std::vector<RawMember> raw = raw_members(trimmed(text));
  if (raw.size() != document->root().size())
    throw Failure(DSO_E_MALFORMED, "the secret's JSON has a field twice", "Write the secret with each field once.");
  std::size_t i = 0;
  for (const auto& member : document->root()) {
    const std::string_view field(member.key().data(), member.key().size());
    if (member.value().is_string())
      item.field(field, text_of(member.value()));
    else
      item.field(field, view(compact_json(raw[i].value)));
    ++i;
  }
}

Context SecretsManager::context(const Wanted& wanted, const std::string& region, std::string_view action) const {
  return {.action = "secretsmanager:" + std::string(action),
          .resource = policy_resource(wanted.name, region),
          .name = wanted.name.id,
          .version = std::string(wanted.ref.version),
          .region = region,
          .identity = session_.identity()};
}

void SecretsManager::get_one(const Wanted& wanted, What what, Item& item) {
  const std::string region = wanted.name.region.empty() ? session_.region() : wanted.name.region;
  Secret body = secret("{\"SecretId\":");
  append_json_string(body, wanted.name.id);
  const VersionWanted version = parse_version(wanted.ref.version);
  if (!version.id.empty()) append(body, ",\"VersionId\":"), append_json_string(body, version.id);
  if (!version.stage.empty()) append(body, ",\"VersionStage\":"), append_json_string(body, version.stage);
  append(body, "}");
  const Reply reply = session_.ask(Service::secrets_manager, region, "secretsmanager.GetSecretValue", view(body));
  const Context about = context(wanted, region, "GetSecretValue");
  if (!reply.ok()) throw failure_of(*reply.error, about);
  const auto document = Document::parse(reply.body);
  if (!document) throw malformed(about, reply.request_id, "the answer is not JSON");
  emit(document->root(), about, reply.request_id, what, item);
}

/// Returns those that are to be asked for one by one.
std::vector<SecretsManager::Wanted> SecretsManager::get_batch(const std::vector<Wanted>& batch, const std::string& region,
                                                              What what, Answer& answer) {
  Secret body = secret("{\"SecretIdList\":[");
  std::set<std::string_view> ids;
  for (const Wanted& w : batch) {
    if (!ids.insert(w.name.id).second) continue;
    if (ids.size() > 1) append(body, ",");
    append_json_string(body, w.name.id);
  }
  append(body, "]}");
  const Reply reply = session_.ask(Service::secrets_manager, region, "secretsmanager.BatchGetSecretValue", view(body));
  if (!reply.ok()) {
    const dso_class cls = class_of(*reply.error, {});
    if (cls == DSO_E_THROTTLED || cls == DSO_E_UNAVAILABLE || cls == DSO_E_INVALID_CREDENTIALS || cls == DSO_E_CLOCK_SKEW)
      throw failure_of(
          *reply.error,
          {.action = "secretsmanager:BatchGetSecretValue", .resource = "*", .region = region, .identity = session_.identity()});
    // Denied, or a store that does not know it. Single questions need no more than what a policy must allow anyway.
    host_.log(DSO_LOG_INFO, "BatchGetSecretValue is not possible (" + reply.error->code +
                                "): secrets are asked for one by one. Allow secretsmanager:BatchGetSecretValue on * for "
                                "twenty a call.");
    no_batch_before_ms_ = host_.now_ms() + kBatchPause;
    return batch;
  }
  const auto document = Document::parse(reply.body);
  const auto* values = document ? array_at(document->root(), "SecretValues") : nullptr;
  const auto* errors = document ? array_at(document->root(), "Errors") : nullptr;
  std::vector<Wanted> left;
  for (const Wanted& w : batch) {
    const Context about = context(w, region, "GetSecretValue");
    const object* value =
        find(values, [&](const object& o) { return names(w.name.id, string_at(o, "Name"), string_at(o, "ARN")); });
    const object* error = find(errors, [&](const object& o) { return string_at(o, "SecretId") == w.name.id; });
    if (value) {
      answer.one(w.ref, [&](const Ref&, Item& item) { emit(*value, about, reply.request_id, what, item); });
    } else if (error) {
      ErrorFacts facts = facts_of_item(string_at(*error, "ErrorCode"), string_at(*error, "Message"));
      facts.request_id = reply.request_id;
      answer.error(w.ref.index, failure_of(facts, about));
    } else {
      left.push_back(w);  // on another page: a large answer is cut
    }
  }
  return left;
}

void SecretsManager::get(const std::vector<Wanted>& wanted, What what, Answer& answer) {
  std::map<std::string, std::vector<Wanted>> by_region;
  std::vector<Wanted> single;
  for (const Wanted& w : wanted) (w.ref.version.empty() ? by_region[w.name.region] : single).push_back(w);
  for (const auto& [of_arn, all] : by_region)
    for (std::size_t at = 0; at < all.size(); at += kSecretsAtOnce) {
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(at);
      std::vector<Wanted> batch(first, first + static_cast<std::ptrdiff_t>(std::min(kSecretsAtOnce, all.size() - at)));
      if (batch.size() > 1 && host_.now_ms() >= no_batch_before_ms_) {
        try {
          batch = get_batch(batch, of_arn.empty() ? session_.region() : of_arn, what, answer);
        } catch (const Failure& f) {
          if (f.cls != DSO_E_MALFORMED) {  // no answer, or no credentials: the same for each of them
            for (const Wanted& w : batch) answer.error(w.ref.index, f);
            continue;
          }
        }
      }
      single.insert(single.end(), batch.begin(), batch.end());
    }
  for (const Wanted& w : single) answer.one(w.ref, [&](const Ref&, Item& item) { get_one(w, what, item); });
}

void SecretsManager::list(Answer& answer) {
  const std::string region = session_.region();
  Secret body = secret("{\"MaxResults\":100}");
  for (int page = 0; page < kMaxListPages; ++page) {
    const Reply reply = session_.ask(Service::secrets_manager, region, "secretsmanager.ListSecrets", view(body));
    const Context about{
        .action = "secretsmanager:ListSecrets", .resource = "*", .region = region, .identity = session_.identity()};
    if (!reply.ok()) throw failure_of(*reply.error, about);
    const auto document = Document::parse(reply.body);
    const auto* all = document ? array_at(document->root(), "SecretList") : nullptr;
    if (!all) throw malformed(about, reply.request_id, "the answer holds no list");
    for (const auto& one : *all)
      if (const auto* o = one.if_object(); o && !string_at(*o, "Name").empty()) answer.name(string_at(*o, "Name"));
    const std::string_view next = string_at(document->root(), "NextToken");
    if (next.empty()) return;
    body = secret("{\"MaxResults\":100,\"NextToken\":");
    append_json_string(body, next);
    append(body, "}");
  }
  host_.log(DSO_LOG_WARN, "the list is cut off after " + std::to_string(kMaxListPages) + " pages");
}

}  // namespace aws
