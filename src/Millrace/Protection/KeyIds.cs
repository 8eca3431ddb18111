using System.Buffers.Text;
using System.Security.Cryptography;

namespace Millrace.Protection;

/// <summary>The ids of data keys: 16 random bytes in base64url.</summary>
internal static class KeyIds
{
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
}
