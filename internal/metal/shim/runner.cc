// The runner loads kernels and runs them. It is told what by its standard input, in little-endian 32- and 64-bit words, and answers each
// group of commands that ends with SYNC by the length of a text and the text: what went wrong, or nothing. File 3 is the memory
// of the device, which it shares with its parent.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <csignal>
#include <dlfcn.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace {

enum { LOAD = 1, RUN, GUARD, SYNC };

std::string failure; // the first since the last SYNC

void fail(const std::string& what) {
    if (failure.empty()) failure = what;
}

struct Launch {
    unsigned groups[3];
    void* const* buffers;
};

struct Kernel {
    std::string name;
    void (*run)(const Launch&);
};

char* memory;
std::vector<Kernel> kernels;
const char* running = "nothing";
unsigned at[3];

std::string here() {
    return std::string(running) + ", workgroup " + std::to_string(at[0]) + "," + std::to_string(at[1]) + "," + std::to_string(at[2]);
}

// Fibres: every invocation of a workgroup has a stack and runs until its next barrier.
constexpr unsigned most = 1024;
constexpr size_t stackBytes = 128 << 10, guardBytes = 4096;

struct Fibre {
    void* top; // of the stack, where it waits
    int line;  // of the barrier at which it waits; 0 when it has ended
};

Fibre fibres[most];
char* stacks;
void* scheduler;
unsigned current;
void (*body)(const void*, unsigned);
const void* context;

extern "C" void gradus_switch(void** save, void* to);
#if defined(__x86_64__)
asm(R"(
gradus_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
)");
constexpr int saved = 6, returns = 6; // registers below the address that the switch returns to
#elif defined(__aarch64__)
asm(R"(
gradus_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
)");
constexpr int saved = 20, returns = 11;
#else
#error "fibres are written for x86-64 and arm64"
#endif

void invocation() {
    body(context, current);
    fibres[current].line = 0;
    void* never;
    gradus_switch(&never, scheduler);
    abort();
}

// begin has a fibre start with its body, on a stack that is aligned as if the body had been called.
void begin(unsigned i) {
    const size_t colour = i % 61 * 320; // or all stacks would lie in the same lines of the cache
    void** top = reinterpret_cast<void**>(stacks + (i + 1) * stackBytes - colour) - (saved + 2);
    memset(top, 0, (saved + 2) * sizeof *top);
    top[returns] = reinterpret_cast<void*>(invocation);
    fibres[i] = {top, -1};
}

// phase runs every invocation up to its next barrier, or its end.
void phase(unsigned n, bool backwards) {
    for (unsigned k = 0; k < n; k++) {
        current = backwards ? n - 1 - k : k;
        gradus_switch(&scheduler, fibres[current].top);
    }
}

// together reports whether all invocations wait at one barrier. That some do not, or at others, is an error.
bool together(unsigned n) {
    unsigned ended = 0, elsewhere = 0;
    int line = 0;
    for (unsigned i = 0; i < n; i++) {
        if (fibres[i].line == 0) ended++;
        else if (line == 0) line = fibres[i].line;
        else if (fibres[i].line != line) elsewhere++;
    }
    if (ended == n) return false;
    if (ended == 0 && elsewhere == 0) return true;
    fail(here() + ": a barrier that not all reach: of " + std::to_string(n) + " invocations " + std::to_string(ended) + " have ended, " +
         std::to_string(n - ended - elsewhere) + " wait at line " + std::to_string(line) + " and " + std::to_string(elsewhere) + " at another");
    return false;
}

void makeStacks() {
    stacks = static_cast<char*>(mmap(nullptr, most * stackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (stacks == MAP_FAILED) exit(3);
    for (unsigned i = 0; i < most; i++) mprotect(stacks + i * stackBytes, guardBytes, PROT_NONE);
}

void crashed(int signal) {
    const std::string text = "runner: " + here() + ": signal " + std::to_string(signal) + (signal == SIGSEGV ? ", an access outside its memory\n" : "\n");
    if (write(2, text.data(), text.size()) < 0) _exit(5);
    _exit(4);
}

void catchCrashes() {
    static char alternative[64 << 10];
    stack_t stack = {};
    stack.ss_sp = alternative;
    stack.ss_size = sizeof alternative;
    sigaltstack(&stack, nullptr);
    struct sigaction action = {};
    action.sa_handler = crashed;
    action.sa_flags = SA_ONSTACK;
    for (int s : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(s, &action, nullptr);
}

template <typename T> T next() {
    T v;
    if (fread(&v, sizeof v, 1, stdin) != 1) exit(0); // the parent has ended
    return v;
}

std::string text() {
    std::string s(next<uint32_t>(), 0);
    for (char& c : s) c = next<char>();
    return s;
}

void load() {
    Kernel k;
    k.name = text();
    const std::string path = text();
    void* object = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    k.run = object ? reinterpret_cast<void (*)(const Launch&)>(dlsym(object, "gradus_run")) : nullptr;
    if (!k.run) fail(k.name + ": " + dlerror());
    kernels.push_back(k);
}

void run() {
    const Kernel& k = kernels.at(next<uint32_t>());
    Launch l = {{next<uint32_t>(), next<uint32_t>(), next<uint32_t>()}, nullptr};
    std::vector<void*> buffers(next<uint32_t>());
    for (void*& b : buffers) b = memory + next<uint64_t>();
    std::vector<uint32_t> sizes(next<uint32_t>());
    for (uint32_t& s : sizes) s = next<uint32_t>();
    buffers.push_back(sizes.data());
    l.buffers = buffers.data();
    running = k.name.c_str();
    if (k.run && failure.empty()) k.run(l);
}

void guard() {
    const uint64_t offset = next<uint64_t>(), length = next<uint64_t>();
    if (mprotect(memory + offset, length, PROT_NONE)) fail("no guard page");
}

void answer() {
    const uint32_t n = failure.size();
    if (write(1, &n, sizeof n) < 0 || write(1, failure.data(), n) < 0) exit(6);
    failure.clear();
}

} // namespace

extern "C" void gradus_barrier(int line) {
    fibres[current].line = line;
    gradus_switch(&fibres[current].top, scheduler);
}

extern "C" bool gradus_out_of_range(int line) {
    if (failure.empty()) fail(here() + ": an index outside its array, at line " + std::to_string(line));
    return false;
}

extern "C" void gradus_at(unsigned x, unsigned y, unsigned z) { at[0] = x, at[1] = y, at[2] = z; }

extern "C" void gradus_workgroup(unsigned n, bool backwards, void (*f)(const void*, unsigned), const void* c) {
    body = f, context = c;
    for (unsigned i = 0; i < n; i++) begin(i);
    do phase(n, backwards);
    while (together(n));
}

int main(int, char** arguments) {
    const size_t bytes = strtoull(arguments[1], nullptr, 10);
    memory = static_cast<char*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, 3, 0));
    if (memory == MAP_FAILED) return 2;
    makeStacks();
    catchCrashes();
    for (;;) switch (next<uint32_t>()) {
        case LOAD: load(); break;
        case RUN: run(); break;
        case GUARD: guard(); break;
        case SYNC: answer(); break;
        default: return 7;
    }
}
