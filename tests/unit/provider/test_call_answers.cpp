// What counts as an answer.
#include <boost/test/unit_test.hpp>

#include "provider/call_answers.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(provider_call_answers)

BOOST_AUTO_TEST_CASE(fields_and_version_make_a_secret) {
  CallAnswers a(2);
  a.accept(ipc::EmitField{1, "user", "app"});
  a.accept(ipc::EmitField{1, "password", std::string_view("\0x", 2)});
  a.accept(ipc::EmitVersion{1, "7"});
  a.accept(ipc::EmitLease{1, "lease", 60, true});
  const auto v = a.take_value(1, "myapp/db", "what");
  BOOST_REQUIRE(v.has_value());
  BOOST_TEST(v->name == "myapp/db");
  BOOST_TEST(v->version == "7");
  BOOST_TEST(v->fields.size() == 2u);
  BOOST_TEST(v->find("password")->value.size() == 2u);
  BOOST_TEST(a.lease(1)->duration.count() == 60);
  BOOST_TEST(!a.lease(0));
}

BOOST_AUTO_TEST_CASE(no_answer_is_malformed_and_says_for_whom_it_answered_instead) {
  CallAnswers a(1);
  a.accept(ipc::EmitField{9, "value", "s3cret"});
  const auto v = a.take_value(0, "n", "Failed to fetch secret 'n'");
  BOOST_REQUIRE(v.has_error());
  BOOST_TEST(render(v.error()) ==
             "Failed to fetch secret 'n': Malformed: the provider gave no answer for it (it answered for reference 9 of 1). This "
             "is a mistake in the provider.");
}

BOOST_AUTO_TEST_CASE(a_reference_one_past_the_end_is_none) {
  CallAnswers a(1);
  a.accept(ipc::EmitVersion{1, "v"});
  a.accept(ipc::EmitField{1, "f", "b"});
  a.accept(ipc::EmitLease{UINT64_MAX, "l", 1, false});
  a.accept(ipc::EmitError{1, {4, "m", {}, {}, {}, {}, -1}});
  BOOST_TEST((a.take_version(0, "w").error().cls == ErrorClass::malformed));
}

BOOST_AUTO_TEST_CASE(a_secret_without_fields_is_one_if_it_has_a_version) {
  CallAnswers a(1);
  a.accept(ipc::EmitVersion{0, "1"});
  BOOST_TEST(a.take_value(0, "n", "w").has_value());
}

BOOST_AUTO_TEST_CASE(contradictions_are_malformed) {
  CallAnswers a(2);
  a.accept(ipc::EmitField{0, "x", "1"});
  a.accept(ipc::EmitField{0, "x", "2"});
  a.accept(ipc::EmitField{1, "", "1"});
  BOOST_TEST((a.take_value(0, "n", "w").error().cls == ErrorClass::malformed));
  BOOST_TEST((a.take_value(1, "n", "w").error().cls == ErrorClass::malformed));
}

BOOST_AUTO_TEST_CASE(an_error_wins_and_gets_the_identity) {
  CallAnswers a(1);
  a.accept(ipc::EmitField{0, "x", "1"});
  a.accept(ipc::EmitError{0, {4, "no such secret", "404", "r", "", "", -1}});
  a.accept(ipc::EmitIdentity{"approle dso"});
  const auto v = a.take_value(0, "n", "w");
  BOOST_REQUIRE(v.has_error());
  BOOST_TEST(render(v.error()) == "w: NotFound: no such secret (404, request r, as approle dso)");
  BOOST_TEST(a.take_version(0, "w").has_error());
}

BOOST_AUTO_TEST_CASE(more_than_the_bound_is_refused) {
  CallAnswers a(1);
  const std::string mib(1 << 20, 'x');
  int accepted = 0;
  while (a.accept(ipc::EmitField{5, "f", mib}) && accepted < 100) ++accepted;
  BOOST_TEST(accepted == 15);
  CallAnswers names(0);
  accepted = 0;
  while (names.accept(ipc::EmitName{""}) && accepted < 1000000) ++accepted;
  BOOST_TEST(accepted < 200000);
}

BOOST_AUTO_TEST_SUITE_END()
