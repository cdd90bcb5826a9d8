// fake-mx: serves one file's world, or the demo whose faults stand in addresses, on real sockets
// and prints what happens. A thin front end over fakemx_io; cases are run by the engine, not here.
#include "fakemx/xml_reader.hpp"
#include "options.hpp"
#include "serve.hpp"
#include "support.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <stdexcept>

int main(int argc, char** argv) {
    using namespace cbv::fakemx::program;
    settings given;
    if (const auto status = read_options(argc, argv, given))
        return *status;
    try {
        if (given.list != list_format::none) {
            print_words(given.list, given.domain);
        } else if (given.demo) {
            serve_demo(given);
        } else {
            const auto world = load_file(given);
            if (given.check)
                print_line(fmt::format("{}: good; {} hosts, {} records",
                                       given.file,
                                       world.hosts.size(),
                                       world.records.size()));
            else
                serve_file(world, given);
        }
    } catch (const cbv::fakemx::xml_error& e) {
        fmt::print(stderr, "{}\n", e.what());
        return exit_usage;
    } catch (const std::invalid_argument& e) {
        fmt::print(stderr, "fake-mx: {}\n", e.what());
        return exit_usage;
    } catch (const std::exception& e) {
        fmt::print(stderr, "fake-mx: {}\n", e.what());
        return exit_system;
    }
    return 0;
}
