"""Every code that the stream connector gives as a reason, with its English sentence."""

from luister.http import guard

# What is wrong with an address. None of these repeats what can hold a password.
ADDRESS: dict[str, str] = {
    "stream.empty": "Give the address of a stream, such as nats://nats.example.org:4222/POSTS.",
    "stream.scheme": "The address of a stream begins with nats:// or tls://, such as nats://nats.example.org/POSTS.",
    "stream.no_host": "The address names no server. It looks like nats://nats.example.org:4222/POSTS.",
    "stream.one_server": "Name one server; the others of its cluster are learned from it.",
    "stream.port": "The port of {host} must be a number from 1 to 65535; without one it is 4222.",
    "stream.no_name": "The address names no stream. Put its name behind the server: {server}/POSTS, for instance.",
    "stream.bad_name": "“{name}” cannot be the name of a stream: use letters, digits, - and _, 100 at most.",
    "stream.encode": "In a user name or password in an address, write / as %2F, ? as %3F, # as %23 and @ as %40.",
}

REASONS: dict[str, str] = {
    **guard.REASONS,
    **ADDRESS,
    "stream.by_matchers": "This stream is read by matchers (luister match), not by workers.",
    "stream.no_sending": "Nothing can be sent to a stream.",
}
