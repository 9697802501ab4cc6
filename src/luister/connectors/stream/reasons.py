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

# Why a stream could not be looked at.
TROUBLE: dict[str, str] = {
    "stream.unreachable": "{server} does not accept connections ({detail}). See that a NATS server is running there.",
    "stream.silent": "{server} did not answer in time.",
    "stream.closed": "{server} closed the connection.",
    "stream.not_nats": "What answers at {server} is not a NATS server.",
    "stream.tls": "No secure connection to {server}: {detail}.",
    "stream.no_tls": "{server} offers no TLS. Use nats:// only inside one's own network.",
    "stream.sign_in": "{server} asks for a user name and password or a token, or does not accept the ones given.",
    "stream.forbidden": "This user may not look at streams on {server} ({detail}).",
    "stream.no_jetstream": "{server} keeps no streams: it runs without JetStream (nats-server -js).",
    "stream.not_found": "{server} has no stream named {name} yet. Publishing to it makes it (luister publish).",
    "stream.refused": "{server} refuses: {detail}.",
}

REASONS: dict[str, str] = {
    **guard.REASONS,
    **ADDRESS,
    **TROUBLE,
    "stream.by_matchers": "This stream is read by matchers (luister match), not by workers.",
    "stream.no_sending": "Nothing can be sent to a stream.",
}
