// Notes are ours only whole, unchanged, and with this host's key.
#include "logic/rotation_notes.h"

#include <boost/test/unit_test.hpp>

#include "model/container.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(rotation_notes)

namespace {

using Labels = std::map<std::string, std::string>;
const std::string kKey(32, 'k');

Labels signed_notes(Labels labels = {{label::kRole, "stand-in"},
                                     {label::kService, "api"},
                                     {label::kGeneration, "3"},
                                     {label::kRotationId, "0123456789abcdef"},
                                     {label::kReplaces, "c1"},
                                     {label::kOrigin, R"({"AutoRemove":true})"},
                                     {"dso.secrets", "db"}}) {
  labels[label::kNotesMac] = notes_mac(kKey, labels);
  return labels;
}

}  // namespace

BOOST_AUTO_TEST_CASE(as_they_were_made) {
  BOOST_TEST(notes_are_ours(kKey, signed_notes()));
  BOOST_TEST(signed_notes()[label::kNotesMac].size() == 64u);
  BOOST_TEST(notes_are_ours(kKey, signed_notes({})));
  Labels other = signed_notes();
  other["dso.secrets"] = "another";  // no note
  BOOST_TEST(notes_are_ours(kKey, other));
  other = signed_notes({{label::kRole, "candidate"}});
  other[label::kOrigin] = "";  // as one that is not there
  BOOST_TEST(notes_are_ours(kKey, other));
}

BOOST_AUTO_TEST_CASE(one_that_was_changed_added_or_taken_away_spoils_all) {
  for (const char* key :
       {label::kRole, label::kService, label::kGeneration, label::kRotationId, label::kReplaces, label::kOrigin}) {
    Labels changed = signed_notes(), gone = signed_notes();
    changed[key] += "x";
    gone.erase(key);
    BOOST_TEST(!notes_are_ours(kKey, changed), key);
    BOOST_TEST(!notes_are_ours(kKey, gone), key);
    Labels fewer = signed_notes();
    fewer.erase(key);
    fewer[label::kNotesMac] = notes_mac(kKey, fewer);
    fewer[key] = "added";
    BOOST_TEST(!notes_are_ours(kKey, fewer), key);
  }
  // No value can be moved from one note to the next.
  BOOST_TEST(notes_mac(kKey, {{label::kRole, "a"}, {label::kService, "b"}}) !=
             notes_mac(kKey, {{label::kRole, "a\ndso.service 1 b"}, {label::kService, ""}}));
}

BOOST_AUTO_TEST_CASE(without_key_or_mac_nothing_is_believed) {
  Labels labels = signed_notes();
  BOOST_TEST(!notes_are_ours(std::string(32, 'x'), labels));
  BOOST_TEST(!notes_are_ours("", labels));
  for (const std::string& mac :
       {std::string(), std::string(64, '0'), labels[label::kNotesMac] + "0", labels[label::kNotesMac].substr(1)}) {
    labels[label::kNotesMac] = mac;
    BOOST_TEST(!notes_are_ours(kKey, labels));
  }
  labels.erase(label::kNotesMac);
  BOOST_TEST(!notes_are_ours(kKey, labels));
}

BOOST_AUTO_TEST_CASE(forgotten) {
  Labels labels = signed_notes();
  forget_notes(labels);
  BOOST_TEST((labels == Labels{{"dso.secrets", "db"}}));
  BOOST_TEST(is_rotation_note(label::kOrigin));
  BOOST_TEST(!is_rotation_note(label::kScope));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
