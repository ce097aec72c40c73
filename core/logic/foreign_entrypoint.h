// A container that somebody else has made anew from another image, image updaters do, keeps what was put in front of its program:
// our dso-init, and behind it the program of the image before. Pure.
#pragma once
#include <string>

#include "model/container.h"

namespace dso {

/// What is wrong with its program, with what to do; "" where nothing is, and where its user gave the program himself (without the
/// label dso.entrypoint). `image`: the one that it was made from.
std::string entrypoint_problem(const Container& container, const ImageConfig& image);

}  // namespace dso
