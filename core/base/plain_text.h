// Text of others, written so that it is harmless where it is shown: no byte of it moves a terminal's cursor, starts a line, or
// has the line read in another order. Pure.
#pragma once
#include <string>
#include <string_view>

namespace dso {

/// Length of the well-formed UTF-8 sequence at the start of `text`, 0 if there is none.
std::size_t utf8_length(std::string_view text);

/// Of one such sequence: a control character (C0, 0x7f, C1), or one that separates lines or turns the direction of reading.
bool is_control_sequence(std::string_view sequence);

/// "\xc2\x9b", a byte at a time.
void append_hex(std::string& out, std::string_view bytes);

/// `text` with every such sequence, and every byte that is no UTF-8 (an 8-bit terminal takes 0x9b for a control), in that form.
/// A line break becomes `line_break`, every other one of C0 `other` where that is given.
void append_plain(std::string& out, std::string_view text, std::string_view line_break, std::string_view other = {});

}  // namespace dso
