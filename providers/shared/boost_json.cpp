// Boost.JSON, compiled here instead of linked: the distribution's library is one object file, all or nothing, and half of it
// (the serializer, the tables for printing doubles) is not needed. With sections of our own the linker drops that.
#include <boost/json/src.hpp>
