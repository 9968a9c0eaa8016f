#!/usr/bin/perl
# Runs a program with only the files it is given, and without privileges: Landlock (landlock(7)), no_new_privs, an empty capability
# bounding set, no core dumps. Perl, because every Debian and Ubuntu has it, and Node cannot call the kernel by itself.
#
#   confine.pl [--abstract-sockets] [--read PATH | --write PATH | --list PATH]… -- PROGRAM ARGUMENT…
#
# A PATH that does not exist is left out. Abstract unix sockets of others are reached with --abstract-sockets only; other unix sockets and
# the network stay reachable. Ends with 125 where the kernel does not do it.
use strict;
use warnings;
use Config;

use constant {
    # The same on every architecture (include/uapi/asm-generic/unistd.h).
    LANDLOCK_CREATE_RULESET => 444,
    LANDLOCK_ADD_RULE       => 445,
    LANDLOCK_RESTRICT_SELF  => 446,
    RULESET_VERSION         => 1,
    RULE_PATH_BENEATH       => 1,
    O_PATH                  => 010000000,
    PR_SET_NO_NEW_PRIVS     => 38,
    PR_CAPBSET_DROP         => 24,
    RLIMIT_CORE             => 4,
    # Reading what the user's own rights would not let be read is not more than Landlock allows.
    CAP_DAC_READ_SEARCH     => 2,
    # Only to processes that are confined with this one.
    SCOPE_ABSTRACT_SOCKETS  => 1,
    SCOPE_SIGNALS           => 2,
};
# prctl and setrlimit, by architecture.
my %CALLS = (x86_64 => [157, 160], aarch64 => [167, 164]);

# Rights of include/uapi/linux/landlock.h: what applies to a file, and what else reading and writing take in a folder.
my ($EXECUTE, $WRITE_FILE, $READ_FILE, $READ_DIR, $TRUNCATE, $IOCTL_DEV) = (1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15);
my %RIGHTS = ('--read' => $EXECUTE | $READ_FILE | $READ_DIR, '--write' => ~0, '--list' => $READ_DIR);
my $FILES  = $EXECUTE | $READ_FILE | $WRITE_FILE | $TRUNCATE | $IOCTL_DEV;
# By ABI version: rights that it knows, and length of its ruleset attribute.
my @KNOWN   = (0, (1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1);
my @LENGTHS = (0, 8, 8, 8, 16, 16);

my ($machine) = $Config{archname} =~ /^([^-]+)/;
my ($prctl, $setrlimit) = @{ $CALLS{$machine} or refuse("calls of $machine are not known") };

my $abi = syscall(LANDLOCK_CREATE_RULESET, 0, 0, RULESET_VERSION);
refuse("Landlock: $!") if $abi < 1;
my $known      = $KNOWN[$abi] // $KNOWN[-1];
my $abstract   = (@ARGV and $ARGV[0] eq '--abstract-sockets') ? shift : undef;
my $scopes     = SCOPE_SIGNALS | ($abstract ? 0 : SCOPE_ABSTRACT_SOCKETS);
my $attributes = substr(pack('QQQ', $known, 0, $scopes), 0, $LENGTHS[$abi] // 24);
my $ruleset    = syscall(LANDLOCK_CREATE_RULESET, $attributes, length $attributes, 0);
refuse("landlock_create_ruleset: $!") if $ruleset < 0;

while (@ARGV and (my $option = shift) ne '--') {
    my $rights = $RIGHTS{$option} // refuse("$option is no option");
    my $path   = shift;
    sysopen(my $handle, $path, O_PATH) or next;
    $rights &= -d $path ? $known : $known & $FILES;
    my $rule = pack('Ql', $rights, fileno $handle);
    refuse("landlock_add_rule $path: $!") if syscall(LANDLOCK_ADD_RULE, $ruleset, RULE_PATH_BENEATH, $rule, 0) != 0;
}

for my $capability (0 .. 63) {
    # Fails where there is no such capability, or no right to drop one, which then there is no right to use either.
    syscall($prctl, PR_CAPBSET_DROP, $capability + 0, 0, 0, 0) if $capability != CAP_DAC_READ_SEARCH;
}
my $no_core = pack('QQ', 0, 0);
syscall($setrlimit, RLIMIT_CORE, $no_core);
refuse("no_new_privs: $!") if syscall($prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0;
refuse("landlock_restrict_self: $!") if syscall(LANDLOCK_RESTRICT_SELF, $ruleset, 0) != 0;
exec { $ARGV[0] } @ARGV or refuse("$ARGV[0]: $!");

sub refuse {
    print STDERR "confine: $_[0]\n";
    exit 125;
}
