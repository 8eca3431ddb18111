using System.Security.Claims;
using SecurityClaim = System.Security.Claims.Claim;

namespace Millrace.Orleans.Calls;

/// <summary>
/// Writes and reads a user with all identities and claims. A user of another type than those of .NET may decide
/// differently after it was read, for example about its roles, and is not written.
/// </summary>
internal static class UserFormat
{
    /// <summary>The type of the users of JSON web tokens. It differs from its base type only in this.</summary>
    private const string CaseSensitiveIdentity = "Microsoft.IdentityModel.Tokens.CaseSensitiveClaimsIdentity";

    /// <summary>Returns whether the user is the same after it is read; true for null.</summary>
    public static bool CanWrite(ClaimsPrincipal? user) =>
        user is null || (user.GetType() == typeof(ClaimsPrincipal) && user.Identities.All(CanWrite));

    public static byte[] Write(ClaimsPrincipal user)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            writer.Write(user.Identities.Count());
            foreach (var identity in user.Identities)
            {
                writer.Write(IsCaseSensitive(identity) == true);
                identity.WriteTo(writer);
            }
        }
        return stream.ToArray();
    }

    public static ClaimsPrincipal Read(byte[] written)
    {
        using var reader = new BinaryReader(new MemoryStream(written));
        var identities = new ClaimsIdentity[reader.ReadInt32()];
        for (var i = 0; i < identities.Length; i++)
        {
            var comparison = reader.ReadBoolean() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
            identities[i] = new ClaimsIdentity(reader, comparison);
        }
        return new ClaimsPrincipal(identities);
    }

    private static bool CanWrite(ClaimsIdentity identity) =>
        (identity.GetType() == typeof(ClaimsIdentity) || identity.GetType().FullName == CaseSensitiveIdentity)
        && identity.BootstrapContext is null or string
        && identity.Claims.All(static claim => claim.GetType() == typeof(SecurityClaim))
        && IsCaseSensitive(identity) is not null
        && (identity.Actor is not { } actor || (CanWrite(actor) && IsCaseSensitive(actor) == false));

    /// <summary>
    /// Returns whether an identity compares the types of claims exactly; null if its claims do not show it.
    /// </summary>
    private static bool? IsCaseSensitive(ClaimsIdentity identity)
    {
        var isUnclear = false;
        foreach (var claim in identity.Claims)
        {
            var upper = claim.Type.ToUpperInvariant();
            var other = upper == claim.Type ? claim.Type.ToLowerInvariant() : upper;
            if (other == claim.Type)
                continue;
            isUnclear = true;
            if (identity.Claims.All(existing => existing.Type != other))
                return !identity.HasClaim(other, claim.Value);
        }
        return isUnclear ? null : false; // Without a letter in a type, there is no difference.
    }
}
