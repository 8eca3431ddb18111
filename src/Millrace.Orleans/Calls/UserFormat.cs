using System.Security.Claims;

namespace Millrace.Orleans.Calls;

/// <summary>Writes and reads a user with all identities and claims, in the binary form of .NET.</summary>
internal static class UserFormat
{
    public static byte[] Write(ClaimsPrincipal user)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
            user.WriteTo(writer);
        return stream.ToArray();
    }

    public static ClaimsPrincipal Read(byte[] written)
    {
        using var reader = new BinaryReader(new MemoryStream(written));
        return new ClaimsPrincipal(reader);
    }
}
