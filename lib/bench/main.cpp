// Benchmark: dialogues per second of the Asio verifier against a bare epoll client, paired A B A B
// in one run against one responder, and the memory of 5,000 hanging verifications. Run it in the
// lab: `./run bench`. It judges nothing unless --check is given.
#include "bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string_view>
#include <sys/resource.h>
#include <vector>

namespace {

constexpr std::size_t dialogues = 4'000; // a run; short ones, so that a pair sees the same load
constexpr std::size_t in_flight = 64;
constexpr std::size_t hanging = 5'000;
constexpr int pairs = 21;
constexpr double least_ratio = 0.80;   // of the bare client's rate
constexpr double most_memory = 4096.0; // bytes a hanging verification

void raise_descriptor_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
    using namespace cbv::bench;
    const bool check = argc > 1 && std::string_view(argv[1]) == "--check";
    try {
        raise_descriptor_limit();
        const auto address = cbv::ip_address::parse("198.18.0.1").value();
        const responder server(address);
        run_epoll_client(address, server.talking_port(), dialogues / 10, in_flight); // warm up
        run_verifier_client(address, server.talking_port(), dialogues / 10, in_flight);
        std::vector<double> bare;
        std::vector<double> ours;
        std::vector<double> ratios;
        for (int i = 0; i < pairs; ++i) {
            bare.push_back(run_epoll_client(address, server.talking_port(), dialogues, in_flight)
                               .per_second());
            ours.push_back(run_verifier_client(address, server.talking_port(), dialogues, in_flight)
                               .per_second());
            ratios.push_back(ours.back() / bare.back());
            std::cout << fmt::format("pair {}: epoll {:8.0f}/s  verifier {:8.0f}/s  ratio {:.2f}\n",
                                     i + 1,
                                     bare.back(),
                                     ours.back(),
                                     ratios.back());
        }
        const double memory = memory_of_hanging(address, server.silent_port(), hanging);
        std::cout << fmt::format(
            "median: epoll {:.0f}/s, verifier {:.0f}/s, ratio {:.2f} (at least {:.2f}) at {} in "
            "flight\n"
            "memory: {:.0f} octets a hanging verification, of {} (at most {:.0f})\n",
            median(bare),
            median(ours),
            median(ratios),
            least_ratio,
            in_flight,
            memory,
            hanging,
            most_memory);
        return check && (median(ratios) < least_ratio || memory > most_memory) ? 1 : 0;
    } catch (const std::exception& e) {
        std::cerr << "cbv_bench: " << e.what() << '\n';
        return 2;
    }
}
