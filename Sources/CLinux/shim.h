#pragma once

// Glibc's own module map has sockets, but none of these.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// Glibc shows it only under _GNU_SOURCE, which the importer's copy of <sys/socket.h> is read without.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

// `epoll_data` imports as a union, which Swift cannot build without an unsafe temporary.
static inline int clinux_epoll_ctl(int epoll, int operation, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

// A filter sees a TCP listener's segments from their header on. This one drops those that ask for a connection, and no
// others: handshakes under way still end. Connections that come of them have it too, and never see such a segment.
static inline int clinux_ignore_new_connections(int listener) {
    enum { flags = 13, syn = 0x02, none = 0 };
    const unsigned whole = ~0u;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, syn, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, none),
        BPF_STMT(BPF_RET | BPF_K, whole),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
    return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

// The sets of <sched.h> exist only under _GNU_SOURCE too; the kernel's own call says how many bytes it wrote.
static inline int clinux_affinity_count(void) {
    unsigned long mask[128];
    long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    int count = 0;
    for (long index = 0; index < bytes / (long)sizeof mask[0]; index++) count += __builtin_popcountl(mask[index]);
    return count;
}

// prctl, open and fcntl are variadic functions, which Swift does not import.
static inline int clinux_set_thread_name(const char *name) {
    return prctl(PR_SET_NAME, name, 0, 0, 0);
}

static inline int clinux_open_for_reading(const char *path) {
    return open(path, O_RDONLY | O_CLOEXEC);
}

// A draft that an earlier process of the same number left behind is written over.
static inline int clinux_create_private(const char *path) {
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
}

// A file that must not be there yet.
static inline int clinux_create_new(const char *path) {
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

// To be locked: what it holds does not matter.
static inline int clinux_open_lock(const char *path) {
    return open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static inline int clinux_open_directory(const char *path) {
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

// The array imports as a tuple of its longest form, which need not be there whole.
static inline const char *clinux_entry_name(const struct dirent *entry) {
    return entry->d_name;
}

// Readable once the process has ended. Glibc has it from 2.36 on.
static inline int clinux_process_descriptor(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

// pipe2 is another of _GNU_SOURCE's.
static inline int clinux_pipe(int ends[2]) {
    return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}

// Closed on exec(2) like every other descriptor.
static inline int clinux_duplicate(int descriptor) {
    return fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

// RLIMIT_NOFILE is an enumerator whose type differs between C libraries. The highest soft limit that is allowed.
static inline long clinux_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    return limit.rlim_cur > 1000000000 ? 1000000000 : (long)limit.rlim_cur;
}

// A global that any thread may change, which Swift refuses to name.
static inline char **clinux_environment(void) {
    extern char **environ;
    return environ;
}

// SIG_IGN is a cast, which Swift does not import.
static inline void clinux_ignore_broken_pipes(void) {
    signal(SIGPIPE, SIG_IGN);
}

// Of posix_spawnattr_setflags: the child begins a session, which has no terminal. Under _GNU_SOURCE POSIX_SPAWN_SETSID.
static const short clinux_spawn_in_session = 0x80;

// glibc declares it only for C programs that ask for its extensions.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

static inline int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}
