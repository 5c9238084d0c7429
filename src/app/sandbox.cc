#include "app/sandbox.h"

#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include "app/landlock.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MR_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MR_SHADOW_MEMORY 1
#endif
#endif

namespace millrace::app {
namespace {

Error failed(const char* what) {
  return {ErrorKind::internal, std::string(what) + ": " + std::strerror(errno), {}, {}};
}

Status limit(int which, std::uint64_t most, const char* what) {
  const struct rlimit wanted { most, most };
  return ::setrlimit(static_cast<__rlimit_resource>(which), &wanted) == 0 ? ok() : failed(what);
}

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#endif

/// These calls are answered with EPERM from now on: the network, other programs, other processes, and io_uring,
/// which does most of that without a call of its own.
constexpr std::array kClosed{SYS_socket,
                             SYS_socketpair,
                             SYS_connect,
                             SYS_bind,
                             SYS_execve,
                             SYS_execveat,
                             SYS_ptrace,
                             SYS_kill,
                             SYS_tkill,
                             SYS_pidfd_open,
                             SYS_pidfd_getfd,
                             SYS_pidfd_send_signal,
                             SYS_process_vm_readv,
                             SYS_process_vm_writev,
                             SYS_bpf,
                             SYS_mount,
                             SYS_umount2,
                             SYS_pivot_root,
                             SYS_setns,
                             SYS_unshare,
                             SYS_io_uring_setup,
                             SYS_io_uring_enter,
                             SYS_io_uring_register,
                             SYS_userfaultfd,
                             SYS_perf_event_open,
                             SYS_keyctl,
                             SYS_add_key,
                             SYS_request_key,
                             SYS_open_by_handle_at};

Status close_calls() {
  std::array<sock_filter, kClosed.size() + 7> program{};
  std::size_t n = 0;
  const auto add = [&](sock_filter step) { program[n++] = step; };
  add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0));
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
#if defined(__x86_64__)
  // The x32 calls have numbers of their own, to which the list does not apply.
  add(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, static_cast<std::uint8_t>(kClosed.size() + 1), 0));
#endif
  for (std::size_t i = 0; i < kClosed.size(); ++i)
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(kClosed[i]),
                 static_cast<std::uint8_t>(kClosed.size() - i), 0));
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  const sock_fprog filter{static_cast<unsigned short>(n), program.data()};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0 && errno != EINVAL && errno != EACCES)
    return failed("closing system calls");  // EINVAL: a kernel without filters
  return ok();
}

}  // namespace

Status enter_sandbox(int parent, int last_fd, const SandboxLimits& limits) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return failed("following the parent's end");
  if (::getppid() != parent) return Error{ErrorKind::cancelled, "the parent is gone", {}, {}};
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGXFSZ}) ::signal(signal, SIG_IGN);  // the parent decides
  ::close_range(static_cast<unsigned>(last_fd) + 1, ~0U, 0);
  (void)::unshare(CLONE_NEWUSER | CLONE_NEWNET);  // where the machine permits it
  MR_CHECK(limit(RLIMIT_CORE, 0, "limiting core dumps"));
  MR_CHECK(limit(RLIMIT_FSIZE, 0, "limiting files"));
  MR_CHECK(limit(RLIMIT_NOFILE, 64, "limiting open files"));
  MR_CHECK(limit(RLIMIT_CPU, limits.cpu_seconds, "limiting the time"));
#if !defined(MR_SHADOW_MEMORY)  // sanitizers map far more than they use
  MR_CHECK(limit(RLIMIT_AS, limits.address_space_bytes, "limiting memory"));
#endif
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("giving up privileges");
  std::vector<int> readable;
  for (int fd = STDERR_FILENO + 1; fd <= last_fd; ++fd) readable.push_back(fd);
  MR_CHECK(confine_files(readable));
  return close_calls();
}

std::string sandbox_in_words() {
  // EFAULT: the kernel would have read a filter.
  const bool filters = ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr) != 0 && errno == EFAULT;
  const int landlock = landlock_version();
  return fmt::format("Parquet files are read in a child process {}, {}",
                     filters ? "that reaches no network and no other program" : "(this kernel has no seccomp filters)",
                     landlock > 0 ? fmt::format("and opens no other file (Landlock {})", landlock)
                                  : "which may open what this user may read (this kernel has no Landlock)");
}

}  // namespace millrace::app
