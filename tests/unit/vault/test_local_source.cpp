// The local store as the agent asks it: cheap versions, fresh values, one answer a reference.
#include <thread>

#include "store_fixture.h"

using namespace dso;
using namespace dso::test;

namespace {

struct SourceFixture : StoreFixture {
  std::unique_ptr<SecretSource> source = local_source(where, std::nullopt);
  Result<std::string> version(const std::string& name) const {
    const SecretRef ref{name, {}};
    auto answers = source->versions(std::span(&ref, 1), Deadline::never(), {});
    BOOST_REQUIRE(answers.size() == 1u);
    return answers[0];
  }
  Result<SecretValue> fetch(const std::string& name, const std::string& of_version = {}) const {
    const SecretRef ref{name, of_version};
    auto answers = source->fetch(std::span(&ref, 1), Deadline::never(), {});
    BOOST_REQUIRE(answers.size() == 1u);
    return std::move(answers[0]);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(source, SourceFixture)

BOOST_AUTO_TEST_CASE(answers_have_the_order_of_the_questions) {
  init();
  set("a", "", "1").value();
  set("b", "", "2").value();
  const std::vector<SecretRef> refs{{"b", {}}, {"none", {}}, {"a", {}}, {"a", "9"}};
  auto values = source->fetch(refs, Deadline::never(), {});
  BOOST_REQUIRE(values.size() == 4u);
  BOOST_TEST(values[0]->fields[0].value.reveal() == "2");
  BOOST_TEST((values[1].error().cls == ErrorClass::not_found));
  BOOST_TEST(values[2]->name == "a");
  BOOST_TEST((values[3].error().cls == ErrorClass::version_not_found));
  auto versions = source->versions(refs, Deadline::never(), {});
  BOOST_TEST(versions[0].value() == "1");
  BOOST_TEST((versions[1].error().cls == ErrorClass::not_found));
  BOOST_TEST(source->list(Deadline::never(), {}).value() == (std::vector<std::string>{"a", "b"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_version_in_the_name) {
  init();
  set("a", "", "1").value();
  set("a", "", "2").value();
  BOOST_TEST(fetch("a")->fields[0].value.reveal() == "2");
  BOOST_TEST(fetch("a?version=1")->fields[0].value.reveal() == "1");
  BOOST_TEST(fetch("a?version=1")->name == "a?version=1");
  BOOST_TEST(fetch("a?version=1", "2")->fields[0].value.reveal() == "2");
  BOOST_TEST((fetch("a?version=9").error().cls == ErrorClass::version_not_found));
  BOOST_TEST((version("a?version=1").error().cls == ErrorClass::unsupported));
}

BOOST_AUTO_TEST_CASE(a_change_is_seen_and_an_unchanged_store_is_not_read_again) {
  init();
  set("a", "", "1").value();
  BOOST_TEST(version("a").value() == "1");
  BOOST_TEST(fetch("a")->fields[0].value.reveal() == "1");
  // Without its key file the store cannot be read: an answer can only come from what is known.
  const std::string away = where.key_file() + ".away";
  BOOST_REQUIRE(rename(where.key_file().c_str(), away.c_str()) == 0);
  BOOST_TEST(version("a").value() == "1");
  BOOST_TEST(fetch("a").has_error());
  BOOST_REQUIRE(rename(away.c_str(), where.key_file().c_str()) == 0);
  set("a", "", "2").value();
  BOOST_TEST(version("a").value() == "2");
  BOOST_TEST(fetch("a")->fields[0].value.reveal() == "2");
  BOOST_TEST(fetch("a", "1")->fields[0].value.reveal() == "1");
}

BOOST_AUTO_TEST_CASE(a_store_that_comes_later_is_found_and_one_that_goes_is_missed) {
  BOOST_TEST((version("a").error().cls == ErrorClass::not_found));
  BOOST_TEST(version("a").error().next == "Run `dso init`.");
  init();
  set("a", "", "1").value();
  BOOST_TEST(version("a").value() == "1");
  spit(where.data_file(), "rubbish");
  BOOST_TEST((version("a").error().cls == ErrorClass::store_corrupt));
  BOOST_REQUIRE(unlink(where.data_file().c_str()) == 0);
  BOOST_TEST((version("a").error().cls == ErrorClass::not_found));
}

BOOST_AUTO_TEST_CASE(says_which_key_it_uses) {
  init();
  BOOST_TEST(source->identity() == "key file " + where.key_file());
  const StoreLocation other{temp.path + "/other"};
  BOOST_REQUIRE(LocalStore::init(other, secret("pass")).has_value());
  BOOST_TEST(local_source(other, secret("pass"))->identity() == "passphrase");
}

BOOST_AUTO_TEST_CASE(a_passphrase_is_stretched_once) {
  const StoreLocation other{temp.path + "/other"};
  BOOST_REQUIRE(LocalStore::init(other, secret("pass")).has_value());
  BOOST_REQUIRE(LocalStore::set(other, secret("pass"), "a", "", secret("v")).has_value());
  source = local_source(other, secret("pass"));
  const auto cpu = [] {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
  };
  const auto start = cpu();
  BOOST_REQUIRE(fetch("a").has_value());
  const auto once = cpu() - start;
  for (int i = 0; i < 10; ++i) BOOST_REQUIRE(fetch("a").has_value());
  BOOST_TEST((cpu() - start < once * 3));
}

BOOST_AUTO_TEST_CASE(values_are_not_kept_between_fetches) {
  init();
  set("a", "", std::string(50'000, 'x')).value();
  const std::size_t before = secret_memory_status().bytes_in_use;
  BOOST_TEST(fetch("a").has_value());
  BOOST_TEST(version("a").has_value());
  BOOST_TEST(secret_memory_status().bytes_in_use == before);
}

BOOST_AUTO_TEST_CASE(a_stop_is_heeded) {
  init();
  std::stop_source stop;
  stop.request_stop();
  const SecretRef ref{"a", {}};
  BOOST_TEST((source->fetch(std::span(&ref, 1), Deadline::never(), stop.get_token())[0].error().cls == ErrorClass::interrupted));
  BOOST_TEST(
      (source->versions(std::span(&ref, 1), Deadline::never(), stop.get_token())[0].error().cls == ErrorClass::interrupted));
  BOOST_TEST((source->list(Deadline::never(), stop.get_token()).error().cls == ErrorClass::interrupted));
}

BOOST_AUTO_TEST_CASE(many_threads_ask_while_another_writes) {
  init();
  set("a", "", "0").value();
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      const SecretRef ref{"a", {}};
      for (int i = 0; i < 50; ++i) {
        auto value = source->fetch(std::span(&ref, 1), Deadline::never(), {});
        auto current = source->versions(std::span(&ref, 1), Deadline::never(), {});
        if (value[0].has_error() || current[0].has_error() || std::stoi(*current[0]) < std::stoi(value[0]->version)) ++wrong;
      }
    });
  for (int i = 1; i <= 20; ++i) set("a", "", std::to_string(i)).value();
  threads.clear();
  BOOST_TEST(wrong == 0);
  BOOST_TEST(version("a").value() == "21");
}

BOOST_AUTO_TEST_SUITE_END()
