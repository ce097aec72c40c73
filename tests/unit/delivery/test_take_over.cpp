// A tmpfs that is gone, and what was on it: values, the generation before, marks and the key are there again on the next one.
#include "delivery/take_over.h"

#include "base/digest.h"
#include "delivery/tmpfs_mount.h"
#include "logic/given_digest.h"
#include "logic/plan_delivery.h"
#include "logic/secret_json.h"
#include "store_fixture.h"

using namespace dso;
using namespace dso::test;

BOOST_FIXTURE_TEST_SUITE(take_over, StoreFixture)

namespace {

const SecretKey kPassword{"prod", "app/db"};

/// As agent/deliver does it: the digests are of the values, by the key that lies there.
void deliver(TmpfsStore& store, const std::string& id, const std::string& value, const std::string& told = {}) {
  std::map<SecretKey, SecretValue> values;
  values[kPassword] = SecretValue{"app/db", "v-" + value, {}};
  values[kPassword].fields.push_back({"password", SecretBytes::copy_of(value)});
  ScopeState state = state_of(id, "");
  const auto plan = plan_delivery(state.scope, {{kPassword, &values[kPassword]}}).value();
  const SecretBytes key = store.digest_key().value();
  state.delivered[0].version = "v-" + value;
  state.delivered[0].digest = secret_digest(key.reveal(), values[kPassword]);
  state.delivered[0].given = given_digests(key.reveal(), plan).at(kPassword);
  state.applied.clear();
  if (!told.empty()) state.applied[told]["prod/app/db"] = given_digest(state.delivered[0]);
  const auto done = store.write(state, plan, values);
  BOOST_REQUIRE_MESSAGE(done.has_value(), (done.has_error() ? render(done.error()) : ""));
}

/// Holds it open as the agent does, and takes it away from everybody else.
UniqueFd lose(const TmpfsStore& store) {
  UniqueFd held = delivery::open_tmpfs(store.paths().secrets_dir()).value();
  BOOST_REQUIRE_EQUAL(umount2(store.paths().secrets_dir().c_str(), MNT_DETACH), 0);
  return held;
}

std::string marked(const TmpfsStore& store, const std::string& id, const std::string& container) {
  return store.read(id).value().applied[container]["prod/app/db"];
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_of_it_is_there_again) {
  deliver(store, "web", "first");
  deliver(store, "web", "second", "c1");
  const ScopeState before = store.read("web").value();
  const std::string key(store.digest_key().value().reveal());
  const UniqueFd lost = lose(store);
  BOOST_REQUIRE(TmpfsStore::open(root.paths()).has_value());
  BOOST_CHECK(store.read("web").has_error());

  BOOST_CHECK(delivery::take_over(lost.get(), store).empty());
  BOOST_CHECK(store.digest_key().value().reveal() == key);
  const ScopeState after = store.read("web").value();
  BOOST_CHECK_EQUAL(after.delivered[0].given, before.delivered[0].given);
  BOOST_CHECK_EQUAL(after.delivered[0].delivered_boot_ms, 678);
  BOOST_CHECK_EQUAL(marked(store, "web", "c1"), before.delivered[0].given);
  BOOST_CHECK_EQUAL(show_folder(folder("web")), "a=second ");
  BOOST_CHECK_EQUAL(store.values("web").value().at(kPassword).version, "v-second");
  BOOST_CHECK(delivery::take_over(lost.get(), store).empty());  // once more changes nothing
  BOOST_CHECK_EQUAL(show_folder(folder("web")), "a=second ");
  BOOST_REQUIRE(store.restore_previous("web").has_value());
  BOOST_CHECK_EQUAL(show_folder(folder("web")), "a=first ");
}

BOOST_AUTO_TEST_CASE(what_lies_there_already_keeps_its_value_and_learns) {
  deliver(store, "web", "same", "c1");
  deliver(store, "api", "old", "c2");
  const std::string key(store.digest_key().value().reveal());
  const UniqueFd lost = lose(store);
  BOOST_REQUIRE(TmpfsStore::open(root.paths()).has_value());
  deliver(store, "web", "same", "c3");  // with a key of their own
  deliver(store, "api", "new");
  BOOST_REQUIRE(store.digest_key().value().reveal() != key);

  BOOST_CHECK(delivery::take_over(lost.get(), store).empty());
  BOOST_CHECK(store.digest_key().value().reveal() == key);
  const std::string given = store.read("web").value().delivered[0].given;
  BOOST_CHECK_EQUAL(marked(store, "web", "c1"), given);
  BOOST_CHECK_EQUAL(marked(store, "web", "c3"), given);
  BOOST_CHECK_EQUAL(show_folder(folder("api")), "a=new ");
  BOOST_CHECK_NE(marked(store, "api", "c2"), store.read("api").value().delivered[0].given);
}

BOOST_AUTO_TEST_CASE(without_kept_values_its_state_is_told) {
  write("web", "d1", {{"/run/secrets/a", "1"}});  // no values kept
  const UniqueFd lost = lose(store);
  BOOST_REQUIRE(TmpfsStore::open(root.paths()).has_value());
  const auto left = delivery::take_over(lost.get(), store);
  BOOST_REQUIRE_EQUAL(left.size(), 1u);
  BOOST_CHECK_EQUAL(left[0].scope.id, "web");
  BOOST_CHECK_EQUAL(left[0].applied.at("container").at("prod/app/db"), "d1");
  BOOST_CHECK(store.read("web").has_error());
}

BOOST_AUTO_TEST_CASE(a_folder_that_only_old_containers_mount_is_there_too) {
  deliver(store, "web", "1");
  std::filesystem::create_directory(store.paths().secrets_dir() + "/web/env");
  deliver(store, "web", "2");
  const UniqueFd lost = lose(store);
  BOOST_REQUIRE(TmpfsStore::open(root.paths()).has_value());
  BOOST_CHECK(delivery::take_over(lost.get(), store).empty());
  BOOST_CHECK_EQUAL(store.mount_sources("web").size(), 2u);
  BOOST_CHECK_EQUAL(store.read("web").value().delivered.size(), 1u);
}

BOOST_AUTO_TEST_CASE(never_to_a_disk) {
  deliver(store, "web", "1");
  const UniqueFd lost = lose(store);
  BOOST_CHECK(delivery::take_over(lost.get(), store).empty());
  BOOST_CHECK(names_in(store.paths().secrets_dir()).empty());
}

BOOST_AUTO_TEST_SUITE_END()
