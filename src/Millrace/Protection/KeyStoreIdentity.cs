namespace Millrace;

/// <summary>The identity of a key store, which the key store chooses at random when it is created.</summary>
/// <param name="Id">The id. An event store records the id of its key store and refuses another.</param>
/// <param name="Salt">32 random bytes, from which a master key is derived together with a passphrase.</param>
public sealed record KeyStoreIdentity(Guid Id, ReadOnlyMemory<byte> Salt);
