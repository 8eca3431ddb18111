using System.Security.Cryptography;
using System.Text;
using Commerce.Customers;

namespace Commerce.Trust;

/// <summary>
/// Keyed hashes of user names. A user name is personal data, and the claim that makes it unique is stored unencrypted,
/// so the claim contains this hash. Without the key, no program can test whether a name is in the store.
/// </summary>
/// <param name="key">The key, which is the same on all nodes and never changes.</param>
public sealed class UsernameHash(byte[] key)
{
    /// <summary>Returns the hash of a user name, which is not case-sensitive.</summary>
    public string Of(Username username) => Convert.ToHexStringLower(
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(username.Value.ToLowerInvariant())));
}
