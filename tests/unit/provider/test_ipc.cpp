// Frames and messages: what goes in comes out, and nothing that is cut, too long or foreign is taken.
#include <boost/test/unit_test.hpp>

#include "provider/messages.h"

using namespace dso;
using namespace dso::ipc;

BOOST_AUTO_TEST_SUITE(ipc_frames)

namespace {

std::vector<ChildMessage> one_of_each() {
  const WireError e{4, "gone", "404", "req", "me", "do this", 1500};
  return {Loaded{"vault", "1.0.0", 0x10000, 7},
          Fatal{"p", "n"},
          Done{e},
          HttpCall{"GET", "https://a/b", {{"h", "v"}, {"", ""}}, std::string_view("\0body", 5), 5, -1},
          HttpAllCall{{{"GET", "https://a/b", {{"h", "v"}}, "body", 5, -1}, {"PUT", "https://a/c", {}, "", 0, 0}}},
          ReadFileCall{"/f"},
          EnvCall{"VAULT_ADDR"},
          Sha256Call{""},
          HmacCall{"k", "d"},
          SignCall{2, "pem", "data"},
          LogLine{-1, "text"},
          EmitField{1, "f", "b"},
          EmitVersion{2, "v"},
          EmitLease{3, "l", -9, true},
          EmitError{4, e},
          EmitName{"n"},
          EmitIdentity{"i"}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(header_round_trip_and_bounds) {
  char bytes[kHeaderBytes];
  write_header({kMaxPayload, FrameType::done}, bytes);
  auto h = read_header({bytes, sizeof bytes});
  BOOST_REQUIRE(h);
  BOOST_TEST(h->size == kMaxPayload);
  BOOST_TEST((h->type == FrameType::done));
  write_header({kMaxPayload + 1, FrameType::done}, bytes);
  BOOST_TEST(!read_header({bytes, sizeof bytes}));
  write_header({0, FrameType::done}, bytes);
  bytes[7] = 0;
  BOOST_TEST(!read_header({bytes, sizeof bytes}));
  BOOST_TEST(!read_header({bytes, 3}));
}

BOOST_AUTO_TEST_CASE(every_child_message_survives_and_no_cut_of_it_does) {
  for (const auto& message : one_of_each()) {
    const Encoded frame = encode(message);
    const auto back = decode_child(frame.type, view(frame.payload));
    BOOST_REQUIRE(back);
    BOOST_TEST(back->index() == message.index());
    BOOST_TEST((view(encode(*back).payload) == view(frame.payload)));
    for (std::size_t n = 0; n < frame.payload.size(); ++n)
      BOOST_TEST(!decode_child(frame.type, view(frame.payload).substr(0, n)));
    SecretBuffer longer = frame.payload;
    longer.push_back('x');
    BOOST_TEST(!decode_child(frame.type, view(longer)));
  }
}

BOOST_AUTO_TEST_CASE(messages_of_the_agent_are_not_taken_from_a_child) {
  for (int type : {0, 1, 5, 8, 63, 200, 65535}) BOOST_TEST(!decode_child(static_cast<FrameType>(type), ""));
}

BOOST_AUTO_TEST_CASE(a_count_cannot_ask_for_more_memory_than_was_sent) {
  Writer w;
  w.text("GET").text("https://a/").u32(0xffffffff);
  const auto payload = w.take();
  BOOST_TEST(!decode_child(FrameType::http, view(payload)));
}

BOOST_AUTO_TEST_CASE(too_many_requests_together_are_refused) {
  const HttpCall call{"GET", "https://a/", {}, "", 0, 0};
  for (const std::size_t n : {kMaxHttpCalls, kMaxHttpCalls + 1}) {
    const Encoded frame = encode(HttpAllCall{std::vector<HttpCall>(n, call)});
    BOOST_TEST(decode_child(frame.type, view(frame.payload)).has_value() == (n == kMaxHttpCalls));
  }
  const Encoded frame = encode(HttpAllCall{{call, {"GET", "https://a/", Headers(257, {"a", "b"}), "", 0, 0}}});
  BOOST_TEST(!decode_child(frame.type, view(frame.payload)));
  Writer w;
  w.u32(0xffffffff).text("GET");
  const auto payload = w.take();
  BOOST_TEST(!decode_child(FrameType::http_all, view(payload)));
}

BOOST_AUTO_TEST_CASE(too_many_headers_are_refused) {
  HttpCall call{"GET", "https://a/", Headers(257, {"a", "b"}), "", 0, 0};
  const Encoded frame = encode(call);
  BOOST_TEST(!decode_child(frame.type, view(frame.payload)));
}

BOOST_AUTO_TEST_CASE(calls_and_answers_survive) {
  CallMessage call{250, "config", {{"a", ""}, {"b", "2"}}};
  const auto encoded = encode_call(call);
  const auto back = decode_call(view(encoded));
  BOOST_REQUIRE(back);
  BOOST_TEST(back->left_ms == 250);
  BOOST_TEST(back->refs.size() == 2u);
  BOOST_TEST(back->refs[1].second == "2");
  BOOST_TEST(!decode_call(view(encoded).substr(1)));

  const HostAnswer answer{{}, 200, {{"x", "y"}}, "body"};
  const auto bytes = encode_answer(answer);
  const auto got = decode_answer(view(bytes));
  BOOST_REQUIRE(got);
  BOOST_TEST(got->status == 200);
  BOOST_TEST(got->bytes == "body");
}

BOOST_AUTO_TEST_CASE(wire_errors_become_ours) {
  const std::string long_text(5000, 'x');
  Error e = to_error({4, long_text, "404", "r", "me", "next", 5}, "what");
  BOOST_TEST((e.cls == ErrorClass::not_found));
  BOOST_TEST(e.cause.size() == 2048u);
  BOOST_TEST(e.retry_after->count() == 5);
  for (std::int64_t cls : {-1LL, 0LL, 19LL, 104LL, 1LL << 40}) {
    e = to_error({cls, "odd", {}, {}, {}, {}, -1}, "w");
    BOOST_TEST((e.cls == ErrorClass::malformed));
    BOOST_TEST(e.cause.find("unknown error class " + std::to_string(cls)) != std::string::npos);
    BOOST_TEST(!e.retry_after);
  }
  e = to_error({8, "", {}, {}, {}, {}, INT64_MAX}, "w");
  BOOST_TEST(e.retry_after->count() == 24 * 3600 * 1000);
}

BOOST_AUTO_TEST_SUITE_END()
